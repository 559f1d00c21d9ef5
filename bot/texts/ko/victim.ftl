## 이용자님과 나누는 대화. 첫 줄은 잠금 화면에 보여도 되는 말로만 씁니다.

victim-start =
    안녕하세요. 지킴이입니다.
    운영: { $organisation }

    운영 기관이 권한을 받은 텔레그램 채널을 살펴보다가, 등록하신 것과 같은 사진이 올라오면 직원에게 알립니다.

    • 사진은 받지 않습니다. 사진을 64글자로 바꾼 값(해시)만 받습니다.
    • 지킴이가 직접 지우지는 못합니다. 권한을 받지 않은 채널이나 다른 사이트는 보지 못합니다.
    • 이 대화는 텔레그램 서버에 남고, 지킴이는 이용자님의 텔레그램 ID를 알 수 있습니다.
    • 언제든 그만두거나 모두 지우실 수 있습니다. 이유는 묻지 않습니다.

    무슨 일이 있었는지 말씀하지 않으셔도 됩니다.
victim-start-again = 시작하시려면 아래 버튼을 눌러 주십시오.
victim-button-begin = 등록 시작하기
victim-button-have-number = 접수번호가 있습니다
victim-button-privacy = 개인정보 안내

victim-age =
    먼저 한 가지만 여쭙겠습니다.

    사진 속 사람은 사진을 찍을 때 만 { $age }세 이상이었습니까?

    사진이 여러 장이면 모든 사진을 생각하고 답해 주십시오. 합성된 사진이면 합성에 쓰인 사진을 찍은 때로 답해 주십시오.
victim-button-age-yes = 예, 만 { $age }세 이상입니다
victim-button-age-no = 아니요
victim-button-age-unsure = 잘 모르겠습니다

victim-underage =
    알려 주셔서 고맙습니다. 이용자님의 잘못이 아닙니다.

    이런 사진은 더 알맞은 곳에서 도와드립니다. 그래서 여기서는 해시를 받지 않으며, 답하신 것도 저장하지 않습니다.

    • D4U: 02-735-8994 (24시간). 삭제와 상담을 함께 돕습니다.
    • 1366: 24시간 상담 전화입니다.
    • 112: 경찰입니다.
    • Take It Down: 만 18세 전에 찍은 사진을 위한 해외 기관입니다. 이름을 묻지 않고, 사진도 보내지 않습니다.

    사진을 새로 내려받거나 누구에게 보내실 필요는 없습니다.
victim-button-take-it-down = Take It Down 열기
victim-button-report-remove = Report Remove 열기 (영국)

victim-consent =
    등록하기 전에 읽어 주십시오. (동의문 { $version })

    • 받는 것: 해시, 접수번호, PIN 확인값, 언어, 등록한 때
    • 쓰는 곳: 권한을 받은 채널의 게시물과 비교해, 같은 것으로 보이면 직원에게 알립니다.
    • 보관: 암호화해서, 철회하실 때까지 둡니다.
    • 보는 사람: 직원은 접수번호와 찾은 게시물의 링크를 봅니다. 해시와 이용자님의 텔레그램 계정은 보지 못합니다.
    • 해시도 흐릿한 사진만큼 조심해서 다룹니다.
    • 등록한 사진을 나중에 이용자님이 올리셔도 찾게 됩니다.

    사진 속 사람 본인이거나 그 사람의 부탁을 받은 분만 등록해 주십시오.
    동의하지 않으셔도 상담은 그대로 받으실 수 있습니다.
victim-button-agree = 동의합니다
victim-button-disagree = 동의하지 않습니다

victim-hashes =
    해시를 보내 주십시오.

    해시는 사진이나 영상으로 만드는 몇 줄의 글자입니다. 아래 방법 가운데 하나로 만드시면 됩니다. 보내신 것은 이 대화에서 바로 지웁니다.
    자르거나 고친 것이 따로 있으면 그것도 만들어 주십시오.
    어려우시면 믿을 수 있는 분이나 상담원에게 함께 해 달라고 하셔도 됩니다. 사진을 건네실 필요는 없습니다.
victim-way-button =
    <b>이 휴대전화에서</b>
    메시지 입력창 아래의 「{ victim-button-page }」 버튼을 눌러 주십시오. 텔레그램 안에서 페이지가 열립니다. 거기서 사진이나 영상을 고르고 「지킴이에 보내기」를 누르시면 됩니다. 사진과 영상은 휴대전화 밖으로 나가지 않습니다.
victim-way-file =
    <b>파일로 받아서</b>
    「{ victim-button-file }」 버튼을 눌러 주십시오. 컴퓨터나 안드로이드 휴대전화의 브라우저로 여시면, 인터넷 없이도 됩니다. 만들어진 해시를 복사해 이 대화에 붙여넣어 주십시오.
victim-way-computer =
    <b>도와주시는 분과 함께, 지킴이 프로그램이 있는 컴퓨터에서</b>
    <code>jikimi hash 파일</code>
    같은 것이 나옵니다. 사진은 PDQ1로 시작하는 줄이 다섯 줄까지, 영상은 VPDQ1로 시작하는 아주 긴 줄입니다. 긴 줄은 한 메시지에 하나씩 보내 주십시오.
victim-button-file = 페이지를 파일로 받기
victim-button-page = 해시 만들기
victim-page-button =
    메시지 입력창 아래에 「{ $button }」 버튼을 두었습니다.

    쓰실 일이 끝나면 저절로 치웁니다.
victim-page-button-gone = 메시지 입력창 아래의 버튼을 치웠습니다.
victim-page-file =
    해시를 만드는 페이지입니다.

    컴퓨터나 안드로이드 휴대전화의 브라우저로 열어 주십시오. 아이폰에서는 열리지 않을 수 있습니다. 인터넷 없이도 됩니다. 만들어진 해시를 복사해 이 대화에 붙여넣어 주십시오.

    <b>공개된 것과 같은 파일인지 확인하기</b>
    SHA-256 값이 다음과 같아야 합니다.
    <code>{ $sha256 }</code>
    <code>sha256sum jikimi.html</code> 명령으로 보실 수 있습니다. (윈도우: <code>certutil -hashfile jikimi.html SHA256</code>)
victim-page-not-read =
    페이지가 보낸 것을 읽지 못했습니다. 괜찮습니다.
    등록한 것은 없습니다. 페이지를 다시 열어 한 번 더 보내 주십시오.
victim-parts-all = 나누어 보내신 것이 모두 왔습니다: { $total }개
victim-parts-missing =
    나누어 보내신 것 가운데 온 것: { $came }/{ $total }. 아직 오지 않은 것: { $missing }번
    메시지 입력창 아래의 버튼을 다시 눌러 같은 파일을 고르시고, 오지 않은 것을 보내 주십시오.
victim-hashes-more = 해시가 더 있으면 이어서 붙여넣어 주십시오.
victim-button-done = 다 넣었습니다

victim-added =
    등록했습니다. 지금부터 살펴봅니다.
    새로 등록한 해시: { $new }개 (모두 { $total }개)
victim-added-none =
    새로 등록한 해시는 없습니다.
    등록되어 있는 해시: { $total }개
victim-added-known = 이미 등록되어 있거나 두 번 보내신 해시: { $known }개. 다시 보내지 않으셔도 됩니다.
victim-added-case-limit = 등록하지 못한 해시: { $count }개. 접수번호 하나에 { $limit }개까지 등록할 수 있습니다.
victim-added-day-limit = 등록하지 못한 해시: { $count }개. 하루에 { $limit }개까지 등록할 수 있으니, 나머지는 내일 다시 보내 주십시오.
victim-day-limit =
    오늘은 더 등록할 수 없습니다.
    하루에 { $limit }개까지 등록할 수 있습니다. 나머지는 내일 다시 보내 주십시오.
victim-too-many-hashes =
    한 번에 받을 수 있는 것보다 많이 보내셨습니다.
    등록한 것은 없습니다. 한 번에 { $max }개까지 나누어 보내 주십시오.

victim-not-taken = 읽지 못한 것이 있습니다. 괜찮습니다. 아래를 보고 다시 보내 주십시오.
victim-not-taken-one = • { $number }번째 해시: { $problem }
victim-not-taken-more = • 그 밖에 { $count }개
victim-hash-wrong-length = { $length }글자입니다. 64글자여야 합니다. 앞이나 뒤가 잘리지 않았는지 보아 주십시오.
victim-hash-not-hex = 해시에 없는 글자가 섞여 있습니다. 해시는 숫자 0~9, 영문 a~f로만 되어 있습니다.
victim-hash-not-a-fingerprint = 사진의 해시가 아닙니다. 한 글자만 바뀌어도 이렇게 되니, 처음부터 다시 복사해 주십시오.
victim-hash-low-quality = 무늬가 거의 없는 사진이라 다른 사진과 구별되지 않습니다. 같은 사진의 더 선명한 파일이 있으면 그것으로 만들어 주십시오.
victim-hash-wrong-checksum = 복사하면서 일부가 바뀌었습니다. 줄 전체를 다시 복사해 주십시오.
victim-hash-unknown-format = 모르는 형식입니다. PDQ1이나 VPDQ1로 시작하는 줄 전체 또는 64글자만 보내 주십시오.

victim-numbers =
    적어 두실 것이 있습니다.

    접수번호: <code>{ $number }</code>
    PIN: <tg-spoiler>{ $pin }</tg-spoiler> (누르면 보입니다)

    나중에 확인하거나 철회하실 때 씁니다. PIN은 지금 한 번만 보여 드리며, 저희도 다시 알 수 없습니다.
    다른 사람이 보지 않는 곳에 적으신 뒤, 아래 버튼으로 이 메시지를 지워 주십시오.
victim-button-noted = 적었습니다. 이 메시지 지우기

victim-contact =
    소식을 이 대화에서 받으시겠습니까?

    • 번호로만 확인: 이 대화와 등록을 연결하지 않습니다. 접수번호와 PIN으로 확인하시면 됩니다.
    • 이 대화에서 받기: 직원이 찾은 것을 확인하면 짧게 알려 드리고, 상태도 바로 보실 수 있습니다. 그 대신 이용자님의 텔레그램 ID를 암호화해 등록과 함께 보관합니다.

    고르지 않으시면 번호로만 확인합니다. 언제든 바꾸실 수 있습니다.
victim-button-contact-no = 번호로만 확인
victim-button-contact-yes = 이 대화에서 받기
victim-linked =
    이 대화에서 소식을 알려 드립니다.
    알림에는 자세한 내용을 쓰지 않습니다. 언제든 끄실 수 있습니다.
victim-unlinked =
    이 대화와 등록을 연결하지 않습니다.
    다음에는 접수번호와 PIN으로 확인해 주십시오. 이 대화의 진행 상태는 { $hours }시간 뒤에 지워지고, 「이 대화 닫기」를 누르시면 바로 지워집니다.
victim-already-linked =
    이 대화에는 다른 등록이 이미 연결되어 있습니다.
    이 등록은 접수번호와 PIN으로 확인해 주십시오.

victim-home = 무엇을 하시겠습니까?
victim-button-status = 상태 보기
victim-button-add = 해시 더 등록하기
victim-button-link = 소식 받기 켜기
victim-button-unlink = 소식 받기 끄기
victim-button-withdraw = 등록 철회하기
victim-button-close = 이 대화 닫기

victim-status =
    지금 상태를 알려 드립니다.

    접수번호: { $number }
    등록한 날: { DATETIME($since, dateStyle: "long") }
    등록된 해시: { $count }개

    권한을 받은 채널에 새로 올라오는 것과 비교하고 있습니다. 철회하실 때까지 계속합니다.
    찾은 것이 있는지는 원하실 때만 보여 드립니다.
victim-button-findings = 찾은 것이 있는지 보기

victim-findings-none =
    지금까지 찾은 것이 없습니다.

    저희가 볼 수 있는 채널에서 찾지 못했다는 뜻입니다. 계속 살펴보겠습니다.
victim-findings =
    지금까지의 결과입니다.

    같은 사진으로 확인된 게시물: { $confirmed }건
    직원이 확인할 게시물: { $waiting }건 (다른 사진일 수 있습니다)

    게시물을 직접 찾아보지 않으셔도 됩니다. 링크는 직원에게 전달되었습니다. 이야기를 나누고 싶으시면 아래 번호로 연락해 주십시오.
victim-found =
    새 소식이 있습니다.

    급하지 않습니다. 원하실 때 확인해 주십시오.
victim-button-found = 확인하기

victim-withdraw =
    등록을 철회하시겠습니까?

    접수번호: { $number }
    등록된 해시: { $count }개

    철회하시면 해시, 접수번호, PIN, 대화 연결을 바로 지우고 더는 살펴보지 않습니다. 되돌릴 수 없습니다.
    이미 찾은 게시물의 기록(링크와 시각)은 직원에게 남습니다. 그것까지 지우시려면 「모두 지우기」를 눌러 주십시오.
victim-button-withdraw-yes = 모두 철회합니다
victim-button-keep = 그대로 둡니다
victim-withdrawn =
    철회했습니다.

    지운 것: 해시 { $count }개, 접수번호, PIN, 대화 연결
    남은 것: 누구인지 알 수 없는 기록 한 줄(등록한 때와 철회한 때)

    언제든 다시 등록하실 수 있습니다.
victim-nothing-here =
    이 대화에서 볼 수 있는 등록이 없습니다.
    이미 철회하셨거나, 접수번호와 PIN으로만 볼 수 있는 등록입니다.

victim-erase =
    모두 지우시겠습니까?

    • 이 대화에서 볼 수 있는 등록: 해시, 접수번호, PIN, 대화 연결, 찾은 것의 기록
    • 이 대화의 진행 상태

    바로 지우며 되돌릴 수 없습니다. 더는 살펴보지 않습니다.
    접수번호와 PIN으로만 볼 수 있는 등록은 여기서 알 수 없어 남습니다. 그 등록은 /withdraw 명령으로 지우실 수 있습니다.
victim-button-erase-yes = 모두 지웁니다
victim-erased =
    모두 지웠습니다.

    지운 등록: { $cases }건
    지운 해시: { $hashes }개

    접수번호와 PIN으로만 볼 수 있는 다른 등록이 있다면 그대로 있습니다. /withdraw 명령으로 지우실 수 있습니다.
    이 대화방에 보이는 글은 텔레그램의 「대화 삭제」로 지우실 수 있습니다.

victim-closed =
    이 대화를 닫았습니다.

    입력하시던 것은 지웠습니다. 등록하신 해시가 있다면 그대로 있고, 계속 살펴봅니다.

victim-number =
    접수번호를 보내 주십시오.

    JK로 시작하는 번호입니다. 대문자와 소문자, 띄어쓰기는 상관없습니다. PIN까지 한 번에 보내셔도 됩니다.
    보내신 메시지는 바로 지웁니다.
victim-pin =
    PIN 여섯 자리를 보내 주십시오.

    보내신 메시지는 바로 지웁니다.
victim-button-number-again = 접수번호 다시 보내기
victim-bad-number = 접수번호로 읽지 못했습니다. JK 뒤에 네 글자씩 세 묶음입니다.
victim-bad-pin = PIN은 숫자 여섯 자리입니다. 다시 보내 주십시오.
victim-pin-wrong =
    접수번호나 PIN이 맞지 않습니다.
    더 해 보실 수 있는 횟수: { $left }번. 철회하신 등록은 확인할 수 없습니다.
victim-pin-blocked =
    여러 번 맞지 않아 잠시 쉬겠습니다.
    { $minutes }분 뒤에 다시 해 보실 수 있습니다. 등록에는 영향이 없습니다.

victim-button-lost = 접수번호를 잃어버렸습니다
victim-lost =
    접수번호 없이도 하실 수 있습니다.

    PIN과, 등록하실 때와 똑같은 파일이 필요합니다. 그 파일로 해시를 다시 만들어 보내 주십시오. 파일 하나의 해시면 됩니다. 그다음에 PIN을 여쭙니다.
    이렇게 보내신 해시는 등록하지 않으며, 메시지는 바로 지웁니다.
victim-lost-wrong =
    보내신 해시와 PIN에 맞는 등록이 없습니다.
    더 해 보실 수 있는 횟수: { $left }번. 똑같은 파일이어야 같은 해시가 나옵니다. 철회하신 등록은 찾을 수 없습니다.
victim-lost-blocked =
    오늘은 이 방법을 쓸 수 없습니다.
    하루에 해 볼 수 있는 횟수를 모든 이용자가 함께 씁니다. 내일 다시 해 주십시오. 접수번호가 있으면 지금도 하실 수 있습니다. 등록에는 영향이 없습니다.

victim-privacy =
    개인정보 안내입니다.
    운영: { $organisation }

    <b>보관하는 것</b> (암호화합니다)
    • 등록하신 경우: 해시, 접수번호, PIN 확인값, 언어, 동의문 번호, 등록한 때. PIN은 보관하지 않습니다.
    • 소식 받기를 켜신 경우에만: 텔레그램 ID
    • 이 대화의 진행 상태: 마지막 메시지 뒤 { $hours }시간까지
    • 틀린 PIN의 횟수, 하루에 등록한 수: 하루 정도

    <b>보관하지 않는 것</b>
    사진과 파일, 이름, 전화번호. 보내신 글은 처리가 끝나면 지웁니다.

    <b>보는 사람</b>
    • 직원: 접수번호, 찾은 게시물의 링크와 시각. 해시, PIN, 텔레그램 계정은 보지 못합니다.
    • 서버 관리자: 데이터베이스와 열쇠 파일을 모두 가진 사람은 암호를 풀 수 있습니다.
    • 텔레그램: 이 대화는 비밀 대화가 아니며 텔레그램 서버에 남습니다.

    <b>지우는 방법</b>
    /withdraw: 등록을 철회하고 해시를 지웁니다.
    /delete: 찾은 것의 기록과 진행 상태까지 모두 지웁니다.
    바로 지웁니다. 백업이 있다면 운영 기관이 정한 기간 뒤에 없어집니다.

victim-help =
    도움말입니다.

    /start 처음 화면
    /status 상태 보기
    /withdraw 등록 철회하기
    /delete 모두 지우기
    /privacy 개인정보 안내
    /language 언어 바꾸기 (Language)
    /cancel 하던 것을 멈추고 대화 닫기

    접수번호를 잃어버리셔도, PIN과 다시 만든 같은 해시로 하실 수 있습니다. (첫 화면의 「{ victim-button-lost }」)
    PIN은 잃어버리시면 다시 찾아 드릴 수 없습니다. 그 등록은 계속 살펴보며, 새로 등록하실 수도 있습니다.

victim-language =
    언어를 골라 주십시오.
    Please choose a language.

victim-not-understood =
    말씀해 주셔서 고맙습니다.
    저는 프로그램이라 글의 뜻을 알지 못합니다. 사람과 이야기하고 싶으시면 맨 아래 번호로 연락해 주십시오.
victim-no-media =
    괜찮습니다. 보내신 것은 열어 보지 않고 이 대화에서 지웠습니다.
    지킴이는 사진이나 파일, 음성을 받지 않습니다. 사진은 기기에 그대로 두시면 됩니다.
victim-old-button = 지난 화면의 버튼입니다. 지금은 여기입니다.
victim-questions-first =
    보내신 메시지는 지웠고, 저장하지 않았습니다.
    해시를 받기 전에 아래를 먼저 확인해 주십시오.
