## 직원 대화방과 관리자. 짧고 분명하게, 다음에 할 일을 알려 줍니다.

staff-somebody = 알 수 없음
staff-untitled = 제목 없음

staff-help =
    <b>직원 명령</b>
    /queue – 할 일 목록 (/queue mine, /queue overdue, /queue channel 3, /queue case <i>접수번호</i>)
    /finding F-12 – 발견 하나
    /note F-12 <i>메모</i> – 메모 남기기
    /report F-12 – 신고서 만들기 (/report case <i>접수번호</i>, /report channel 3)
    /reported F-12 <i>받는-곳 받은-번호</i> – 신고했음을 기록 (예: /reported F-12 kr-d4u 2026-77)
    /hash F-12 – 발견에 쓰인 해시 (/hash disable, /hash enable, /hash radius H-7 20)
    /knowngood F-12 – 널리 알려진 무해한 사진으로 표시 (/knowngood list, /knowngood remove G-3)
    /channels – 채널 목록과 건수
    /health – 봇의 상태
    /stats – 지난 4주의 통계
    /drill – 훈련: 모든 단계가 작동하는지 확인
    /staff list – 직원 목록
    경보는 버튼으로 처리합니다. 일치함 또는 일치 아님을 눌러 주십시오.
staff-help-admin =
    <b>관리자 명령</b>
    /addchannel – 채널 추가 (봇과의 개인 대화에서)
    /authorise 3 <i>문서 번호</i> 2027-05-31 – 채널 3의 감시 승인
    /authorise t.me/+… <i>문서</i> 2027-05-31 – 계정이 참여해 감시하기. 폴더(t.me/addlist/…)는 채널을 골라 승인
    /revoke 3 – 승인을 끝내고 채널 3에서 나가기
    /leave 3 – 승인 여부와 관계없이 채널 3에서 나가기
    /history 3 30d – 3번 채널의 지난 30일 읽기
    /staff add <i>사용자 번호 이름</i> – 직원 추가 (직원의 메시지에 /staff add 답장도 가능)
    /staff remove <i>사용자 번호</i> – 직원 해제
    /poison – 처리하지 못한 업데이트
    /poison retry 5 – 업데이트 5를 다시 처리
    /retry – 내려받지 못한 파일을 다시 내려받고, 보내지 못한 경보를 다시 보내기

staff-refused = 사용할 수 없습니다.
staff-unknown-command = 그런 명령이 없습니다. 명령 목록: /help
staff-anonymous = 그룹이나 채널의 이름으로 쓴 메시지입니다. 누가 썼는지 알 수 없으므로 본인의 이름으로 써 주십시오. 그룹 관리자라면 관리자 설정에서 익명을 끄면 됩니다.
staff-relayed-command = 전달된 메시지이거나 다른 봇이 쓴 메시지라서 명령을 실행하지 않았습니다. 실행하려면 직접 입력해 주십시오.
staff-no-role = 권한이 있는 직원만 쓸 수 있습니다. 관리자에게 문의해 주십시오.

## 채널 추가

staff-channel-added = 📥 <b>새 채널 #{ $number }</b>
staff-channel-name = 채널: { $channel }
staff-channel-kind-channel = 종류: 채널
staff-channel-kind-group = 종류: 기본 그룹 (메시지 링크 없음)
staff-channel-kind-supergroup = 종류: 그룹
staff-channel-added-by = 추가한 사람: { $by }
staff-channel-not-readable = ⚠️ 봇이 관리자가 아니어서 게시물을 읽을 수 없습니다. 채널에서 봇을 관리자로 지정해 주십시오.
staff-channel-question = 감시를 승인하시겠습니까? 승인 전에는 아무것도 확인하지 않습니다.
staff-button-authorise = 승인
staff-button-leave = 나가기
staff-document-question =
    { $by } 님, 이 메시지에 <b>답장</b>으로 승인 문서와 마지막 날을 한 줄로 보내 주십시오.
    채널: { $channel }
    예: <code>공문 2026-123 { $example }</code>
    또는 명령으로: <code>/authorise { $number } 공문 2026-123 { $example }</code>
staff-authorised =
    ✅ <b>감시를 시작합니다.</b>
    채널 #{ $number }: { $channel }
    문서: { $document }
    마지막 날: { $until }
    승인한 사람: { $by }
staff-revoked =
    ⏹ <b>승인을 끝내고 채널에서 나갑니다.</b>
    채널: { $channel }
    처리한 사람: { $by }
staff-left =
    ⏹ <b>채널에서 나갑니다.</b>
    채널: { $channel }
    처리한 사람: { $by }
staff-join-asked =
    ✅ <b>감시가 승인되었습니다. 차례가 되면 계정이 참여합니다.</b>
    채널: { $link }
    근거 문서: { $document }
    마지막 날: { $until }
    승인한 사람: { $by }
staff-join-folder =
    🔎 <b>계정이 폴더를 살펴봅니다.</b> 선택하시기 전에는 아무 데도 참여하지 않습니다.
    링크: { $link }
staff-join-listed =
    🗂 <b>폴더에 있는 채널: { $count }</b> 관리자가 여기에서 승인한 채널에만 참여합니다.
    링크: { $link }
    근거 문서: { $document }
    마지막 날: { $until }
staff-join-member = { $number }. { $channel }
staff-join-left-out = 여기에 없는 채널: { $count }
staff-button-join = { $number }번 승인
staff-join-joined =
    ✅ <b>계정이 참여했고, 지금부터 채널을 감시합니다.</b>
    채널 #{ $number }: { $channel }
    링크: { $link }
    지난 게시물을 읽으려면: <code>/history { $number } 30d</code>
staff-join-pending =
    ⏳ <b>채널의 누군가가 계정을 받아들여야 합니다.</b> 참여를 요청했고, 한 시간마다 확인합니다.
    링크: { $link }
staff-join-person =
    ✋ <b>계정이 스스로 참여할 수 없습니다.</b>
    링크: { $link }
    이유: { $reason }
    해결한 뒤 같은 /authorise 명령을 다시 보내 주십시오. 그때 계정이 이미 들어가 있으면 바로 감시합니다.
staff-join-revoked =
    ⏹ <b>더 이상 참여하지 않습니다.</b>
    채널: { $link }
    처리한 사람: { $by }
staff-join-reason-payment = 채널이 결제를 요구합니다.
staff-join-reason-bot = 채널이 봇이나 퀴즈로 사람을 받습니다. 사람이 그 계정으로 답해야 합니다.
staff-join-reason-link = 링크나 이름이 아무 데도 이어지지 않습니다. 바뀌었을 수 있습니다.
staff-join-reason-not_channel = 링크가 채널이 아니라 사람, 봇, 또는 작은 그룹으로 이어집니다.
staff-join-reason-changed_hands = 링크나 이름이 승인된 채널이 아닌 다른 채널로 이어집니다. 그 채널도 감시하려는 경우에만 다시 승인해 주십시오.
staff-join-reason-too_many = 계정이 텔레그램이 허용하는 만큼의 채널에 이미 들어가 있습니다. 다른 계정을 더해 주십시오.
staff-join-reason-refused = 텔레그램이 거절했고, 이유는 알려 주지 않았습니다.
staff-join-reason-empty_folder = 폴더에 채널이 없습니다.
staff-join-reason-ended = 계정이 참여하기 전에 승인이 끝났습니다.
staff-history-running =
    📚 <b>채널의 지난 게시물을 읽고 있습니다.</b>
    채널 #{ $number }: { $channel }
staff-history-done =
    ✅ <b>채널의 지난 게시물을 다 읽었습니다.</b>
    채널 #{ $number }: { $channel }
staff-history-stopped =
    ⏹ <b>지난 게시물 읽기를 멈췄습니다.</b>
    채널 #{ $number }: { $channel }
staff-history-read = 읽은 메시지: { $messages }
staff-history-back-to = 읽은 시점: { $at }
staff-channel-removed =
    ⚠️ <b>봇이 채널에서 내보내졌습니다.</b> 더는 확인하지 않으며, 승인도 끝났습니다.
    채널: { $channel }
    내보낸 사람: { $by }
    계속 감시하려면 봇을 다시 추가하고 승인해 주십시오.
staff-channel-cannot-read =
    ⚠️ <b>봇이 게시물을 읽을 수 없게 되었습니다.</b>
    채널: { $channel }
    변경한 사람: { $by }
    채널에서 봇을 다시 관리자로 지정해 주십시오.
staff-channel-can-read =
    ✅ <b>봇이 게시물을 다시 읽습니다.</b> 읽을 수 없던 동안의 게시물은 확인하지 못했습니다.
    채널: { $channel }
    변경한 사람: { $by }
staff-ending =
    ⏳ <b>승인이 곧 끝납니다.</b>
    채널 #{ $number }: { $channel }
    마지막 날: { $until }
    연장하려면: <code>/authorise { $number } 문서 번호 새 날짜</code>
staff-ended =
    ⏹ <b>승인이 끝나 채널에서 나갑니다.</b>
    채널: { $channel }
    마지막 날: { $until }
    계속 감시하려면 봇을 다시 추가하고 승인해 주십시오.
staff-unanswered =
    ⏹ <b>승인이 없어 채널에서 나갑니다.</b>
    채널: { $channel }
    감시하려면 봇을 다시 추가하고 승인해 주십시오.

staff-choose-channel = 아래 버튼을 눌러 채널을 골라 주십시오. 텔레그램이 봇을 그 채널의 관리자로 추가합니다.
staff-button-choose-channel = 채널 고르기
staff-channel-chosen = 봇이 채널에 들어가면 직원 대화방에 승인 여부를 묻는 메시지가 올라옵니다. 올라오지 않으면 채널에서 봇을 관리자로 추가해 주십시오.

## 채널 목록

staff-channels-none = 채널이 없습니다. 관리자가 /addchannel 명령으로 추가할 수 있습니다.
staff-channels-head = <b>#{ $number }</b> { $channel } · { $state }
staff-state-asked = ❔ 승인 대기
staff-state-authorised = ✅ 감시 중
staff-state-ended = ⏹ 끝남
staff-state-left = ⚠️ 내보내짐
staff-channels-authorisation = 문서: { $document } · 승인: { $by } · 마지막 날: { $until }
staff-channels-last-post = 마지막 게시물: { $at }
staff-channels-no-post = 확인한 게시물이 없습니다.
staff-channels-seen = 게시물: { $posts } · 파일: { $media }
staff-channels-unseen = 확인 대기: { $waiting } · 지문을 만들 수 없음: { $failed } · 볼 수 없음: { $not_inspectable }
staff-channels-troubles = 확인하지 못한 이유: { $troubles }
staff-channels-findings = 발견: { $count }

## 직원

staff-list = <b>직원: { $staff }명</b> · 설정 파일의 관리자: { $admins }명
staff-list-line = { $name } · <code>{ $user }</code> · 추가: { $by }, { $at }
staff-added = ✅ 직원으로 추가했습니다: { $name } (<code>{ $user }</code>)
staff-removed = 직원에서 해제했습니다: <code>{ $user }</code>

## 상태

staff-health-well = ✅ <b>모두 정상입니다.</b>
staff-health-trouble = ⚠️ <b>살펴볼 것이 있습니다.</b> 처리하지 못함 { $buried } · 15분 넘게 대기 { $late }
staff-health-queues = 대기: 업데이트 { $inbox } · 파일 { $work } · 보낼 메시지 { $outbox }
staff-health-buried = 처리하지 못함: 업데이트 { $inbox } · 파일 { $work } · 메시지 { $outbox } · 예전 게시물 비교 { $lookbacks }
staff-health-polled = 마지막으로 받은 업데이트: { $at }
staff-health-lookback = 예전 게시물과 비교하는 중: { $percent }%
staff-health-troubles = 지난 24시간 동안 확인하지 못한 파일: { $troubles }
staff-health-photos = 등록된 일반 사진: { $photos }장 · 「그대로」 알림을 끈 접수번호: { $cases }건 · 알리지 않은 게시물: { $findings }건
staff-health-photos-off = ⚠️ 등록된 일반 사진: { $photos }장. 설정에서 꺼져 있어 찾지 않고 있습니다. (matching.photos.enabled)
staff-trouble-flat = 무늬가 거의 없음
staff-trouble-unsupported = 사진이나 영상이 아님
staff-trouble-corrupt = 손상됨
staff-trouble-too_large = 너무 큼
staff-trouble-timed_out = 시간 초과
staff-trouble-out_of_memory = 메모리 부족
staff-trouble-worker_died = 처리 중 멈춤
staff-trouble-vector = 벡터 스티커
staff-trouble-encrypted = 암호가 걸림
staff-trouble-unread_archive = 읽지 않는 압축 형식
staff-trouble-no_picture = 사진이 들어 있지 않음
staff-trouble-partly = 일부만 확인함
staff-trouble-too_large_to_download = 내려받기에 너무 큼
staff-trouble-file_gone = 삭제됨
staff-trouble-not_downloadable = 내려받을 수 없음
staff-trouble-download_failed = 내려받기 실패
staff-health-never = 아직 없음
staff-poison = <b>처리하지 못한 업데이트: { $count }건</b> · 최근 { $listed }건
staff-poison-line =
    <b>{ $number }</b> · { $kind } · { $at }
    { $trouble }
staff-poison-none = 처리하지 못한 업데이트가 없습니다.
staff-files-retried = 다시 내려받을 파일: { $count }개 · 다시 보낼 경보: { $alerts }개
staff-poison-retried = 업데이트를 다시 처리합니다: { $number }

## 훈련

staff-drill-name = 훈련
staff-drill-started = 🔧 훈련을 시작했습니다. 해롭지 않은 사진 하나가 모든 단계를 지나며, 곧 훈련 경보가 왔다가 지워집니다. 채널에는 아무것도 올리지 않습니다.
staff-drill-well = ✅ <b>훈련: 모두 작동합니다.</b> 시작부터의 시간입니다.
staff-drill-failed = ❌ <b>훈련: 끝까지 가지 못했습니다.</b> 시작부터의 시간입니다.
staff-drill-stage = { $stage }: { $seconds }초
staff-drill-stopped = 여기서 멈춤: { $stage }
staff-drill-received = 받음
staff-drill-fingerprinted = 지문을 만듦
staff-drill-found = 등록된 것과 일치함을 찾음
staff-drill-shown = 경보를 보냄

## 목록 지키기

staff-hash = <b>H-{ $number }</b> · 접수번호 { $case } · { $kind }
staff-hash-state = 상태: { $state } · 반경: { $bits }비트 · 등록: { $at }
staff-hash-state-quarantined = 첫 발견을 확인하기 전
staff-hash-state-active = 사용 중
staff-hash-state-held = 멈춤 (여러 채널에 한꺼번에 올라옴)
staff-hash-state-cleared = 사용 중 (한꺼번에 올라와도 계속)
staff-hash-state-disabled = 알리지 않음
staff-hash-state-muted = 알리지 않음 (널리 알려진 사진과 비슷함)
staff-hash-muted-by = 비슷한 사진: G-{ $number }
staff-hash-findings = 게시물: { $findings }
staff-hash-help = 멈추기: /hash disable H-7 · 다시 시작: /hash enable H-7 · 반경 바꾸기: /hash radius H-7 20
staff-hash-disabled =
    ⏸ 이 해시로는 더 알리지 않습니다: { $hashes }
    처리한 사람: { $by } · 되돌리기: /hash enable
staff-hash-enabled =
    ▶️ 이 해시로 다시 알립니다: { $hashes }
    처리한 사람: { $by }
staff-hash-radius =
    이 해시의 반경을 { $bits }비트로 바꾸었습니다: { $hashes }
    처리한 사람: { $by }
staff-known-good-added =
    ⏸ 널리 알려진 무해한 사진으로 표시했습니다. 이 해시로는 더 알리지 않습니다: { $hashes }
    처리한 사람: { $by } · 되돌리기: /knowngood list 목록의 번호로 /knowngood remove
staff-known-good-removed =
    ▶️ 무해한 사진 목록에서 뺐습니다: G-{ $number }
    처리한 사람: { $by }
staff-known-good = <b>널리 알려진 무해한 사진: { $count }개</b> · 최근 { $listed }개
staff-known-good-line = <b>G-{ $number }</b> · { $source } · { $by }, { $at } · 알리지 않는 해시: { $mutes }
staff-known-good-imported = 가져옴
staff-known-good-none = 표시한 사진이 없습니다. 발견에서 /knowngood F-12 명령으로 표시할 수 있습니다.

## 거절. 무엇을 하면 되는지 알려 줍니다.

staff-refused-old-button = 오래된 버튼입니다. 명령을 다시 보내 주십시오.
staff-refused-drill-runs = 다른 훈련이 진행 중입니다. 곧 끝납니다.
staff-refused-alert-changed = 이 알림에서 판단하실 내용이 바뀌었습니다. 지금의 알림을 보시고 버튼을 다시 눌러 주십시오.
staff-refused-alert-gone = 처리할 것이 없습니다. 등록이 철회되었거나 삭제되었습니다.
staff-refused-which-hash = 해시나 발견의 번호를 적어 주십시오. 예: /hash F-12, /hash H-7
staff-refused-unknown-hash = 그런 번호의 해시가 없거나 등록이 철회되었습니다.
staff-refused-hash-as-it-is = 바꿀 것이 없습니다. 이미 그 상태입니다.
staff-refused-bad-radius = 반경을 0에서 { $most } 사이의 비트 수로 적어 주십시오. 예: /hash radius H-7 8
staff-refused-no-radius = 일반 사진에는 반경이 없습니다. /hash disable 명령으로 멈출 수 있습니다.
staff-refused-only-pdq = PDQ 해시만 무해한 사진으로 표시할 수 있습니다. 이 해시는 /hash disable 명령으로 멈출 수 있습니다.
staff-refused-which-known-good = 번호를 적어 주십시오. 번호는 /knowngood list 목록에서 볼 수 있습니다.
staff-refused-unknown-known-good = 그런 번호의 사진이 없습니다: G-{ $number }. 번호는 /knowngood list 목록에서 볼 수 있습니다.
staff-refused-which-finding = 발견 번호를 적어 주십시오. 예: { $command } F-12
staff-refused-unknown-finding = 그런 번호의 발견이 없습니다: F-{ $finding }. 이용자가 모두 지웠을 수도 있습니다.
staff-refused-finding-moved = 그사이에 상태가 바뀌었습니다: { $state }. 처리한 사람: { $by }
staff-refused-finding-changed = 이 발견에서 판단하실 내용이 바뀌었습니다. 지금의 내용을 보시고 버튼을 다시 눌러 주십시오.
staff-refused-finding-step = 이 상태에서는 할 수 없습니다. /finding 명령으로 다시 열어 주십시오.
staff-refused-finding-withdrawn = 등록이 철회되어 더 처리할 것이 없습니다.
staff-refused-second-person = 다른 직원의 확인이 필요합니다. 같은 사람이 두 번 확인할 수 없습니다.
staff-refused-nothing-to-undo = 되돌릴 것이 없습니다.
staff-refused-claimed-by-other = 그사이에 담당 직원이 바뀌었습니다: { $by }. /finding 명령으로 다시 열어 주십시오.
staff-refused-nobody-else = 넘길 다른 직원이 없습니다. 직원은 관리자가 /staff add 명령으로 추가합니다.
staff-refused-note-empty = 메모를 적어 주십시오. 예: /note F-12 채널 관리자에게 연락함
staff-refused-note-long = 메모가 너무 깁니다. { $max }자 이내로 적어 주십시오.
staff-refused-notes-full = 메모는 발견마다 { $max }개까지입니다.
staff-refused-which-queue = 목록을 골라 주십시오: /queue, /queue mine, /queue overdue, /queue channel 3, /queue case 접수번호
staff-refused-unknown-case = 그런 접수번호가 없습니다. 번호를 다시 확인해 주십시오.
staff-refused-not-confirmed = 먼저 일치함으로 확인해 주십시오: F-{ $finding }
staff-refused-nothing-to-report = 신고할 것이 없습니다. 일치함으로 확인된 발견이 있어야 합니다.
staff-refused-already-reported = 이미 기록되어 있습니다. 한 번 더 보냈다면: /reported F-{ $finding } { $addressee }
staff-refused-report-minor = 미성년자로 의심되는 게시물은 이곳에 보내지 않습니다. 아동 보호 기관을 골라 주십시오.
staff-refused-which-addressee = 신고한 곳을 골라 주십시오: { $known }
staff-refused-ticket-long = 번호가 너무 깁니다. { $max }자 이내로 적어 주십시오.
staff-refused-which-channel = 채널 번호를 적어 주십시오. 번호는 /channels 목록에서 볼 수 있습니다.
staff-refused-which-question = 여러 채널의 승인 문서를 함께 묻고 있습니다: { $numbers }. 다른 채널로 잘못 기록되지 않도록 명령으로 적어 주십시오: /authorise { $number } 공문 2026-123 { $example }
staff-refused-unknown-channel = 그런 번호의 채널이 없습니다: { $number }. 번호는 /channels 목록에서 볼 수 있습니다.
staff-refused-not-in-channel = 봇이 이 채널에 없습니다: { $number }. 먼저 채널에 봇을 다시 추가해 주십시오.
staff-refused-not-authorised = 승인된 채널이 아닙니다: { $number }. 나가려면 /leave 명령을 사용해 주십시오.
staff-refused-already-authorised = 이미 승인된 채널입니다. 연장하려면 /authorise { $number } 문서 번호 새 날짜, 나가려면 /leave { $number } 명령을 사용해 주십시오.
staff-refused-bad-date = 마지막 날을 줄 끝에 연-월-일로 적어 주십시오. 예: 공문 2026-123 { $example }
staff-refused-date-past = 이미 지난 날짜입니다. 가장 이른 날짜: { $today }
staff-refused-date-far = 승인은 2년까지입니다. 가장 늦은 날짜: { $latest }
staff-refused-no-document = 날짜 앞에 승인 문서를 적어 주십시오. 예: 공문 2026-123 { $example }
staff-refused-document-long = 문서 이름이 너무 깁니다. { $max }자 이내로 적어 주십시오.
staff-refused-private-only = 채널은 개인 대화에서 고를 수 있습니다. 봇과의 개인 대화에서 /addchannel 명령을 보내 주십시오.
staff-refused-who-is-staff = 추가할 사람의 메시지에 /staff add 명령으로 답장하거나, 사용자 번호와 이름을 적어 주십시오. 예: /staff add 123456789 김지은
staff-refused-who-is-not-staff = 해제할 사람의 사용자 번호를 적어 주십시오. 번호는 /staff list 목록에서 볼 수 있습니다.
staff-refused-not-staff = 이 번호의 직원이 없습니다: { $user }. 번호는 /staff list 목록에서 볼 수 있습니다.
staff-refused-already-admin = 이미 관리자입니다. 추가할 필요가 없습니다.
staff-refused-admin-in-configuration = 관리자는 설정 파일의 telegram.admins에서 바꿀 수 있습니다.
staff-refused-anonymous = 그룹이나 채널의 이름으로 쓴 메시지라 누구인지 알 수 없습니다. 추가할 분께 익명이 아닌 본인 계정으로 메시지를 보내 달라고 하신 뒤, 그 메시지에 답장해 주십시오.
staff-refused-bad-name = 이름을 { $max }자 이내로 적어 주십시오. 예: /staff add 123456789 김지은
staff-refused-unknown-poison = 그런 번호의 업데이트가 없습니다. 번호는 /poison 목록에서 볼 수 있습니다.
staff-refused-filing-limit = 오늘 계정으로 할 수 있는 신고를 다 했습니다: { $max }. 내일 이어서 하거나, 텔레그램 앱에서 직접 신고해 주십시오.
staff-refused-filing-known = 이 게시물의 신고는 이미 시작되었습니다. 게시물마다 한 번만 신고합니다.
staff-refused-no-account-at-work = 작동하는 계정이 없고, 봇은 링크로 참여할 수 없습니다. 계정은 지킴이가 있는 컴퓨터에서 jikimi account add 명령으로 더합니다.
staff-refused-unknown-link = 이 링크로 참여하도록 승인한 사람이 없습니다. 채널 번호는 /channels 명령으로 볼 수 있습니다.
staff-refused-no-account = 이 채널에 있는 계정이 없고, 봇은 지난 게시물을 읽을 수 없습니다: { $number }.
staff-refused-history-runs = 이 채널의 지난 게시물을 이미 읽고 있습니다. 멈추려면: /history { $number } stop
staff-refused-no-history = 이 채널의 지난 게시물을 읽고 있지 않습니다: { $number }.
staff-refused-history-what = 채널 번호와 얼마나 거슬러 읽을지를 적어 주십시오: 날수, 메시지 수, 날짜, 또는 all. 보기: /history 3 30d, /history 3 500, /history 3 2026-01-31

## 명령 메뉴

staff-command-help = 명령 목록
staff-command-hash = 해시의 상태, 중지, 재개, 반경
staff-command-knowngood = 널리 알려진 무해한 사진
staff-command-channels = 채널 목록과 건수
staff-command-health = 봇의 상태
staff-command-stats = 지난 4주의 통계
staff-command-drill = 훈련: 모두 작동하는지 확인
staff-command-staff = 직원 목록, 추가, 해제
staff-command-queue = 할 일 목록
staff-command-finding = 발견 하나 보기
staff-command-note = 메모 남기기
staff-command-report = 신고서 만들기
staff-command-reported = 신고했음을 기록
staff-command-addchannel = 채널 추가 (개인 대화에서)
staff-command-authorise = 채널 감시 승인
staff-command-revoke = 승인을 끝내고 나가기
staff-command-leave = 채널에서 나가기
staff-command-history = 채널의 지난 게시물 읽기
staff-command-poison = 처리하지 못한 업데이트
staff-command-retry = 내려받지 못한 파일을 다시 내려받기
staff-menu-start = 시작하기
staff-menu-status = 내 등록의 상태
staff-menu-withdraw = 등록 철회
staff-menu-delete = 모두 지우기
staff-menu-privacy = 개인정보 안내
staff-menu-language = 언어 바꾸기 (English)
staff-menu-help = 도움말과 상담 연락처
