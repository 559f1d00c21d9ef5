## 신고서. 받는 곳의 언어로 씁니다. 사진·영상, 피해자의 이름, 접수번호, 직원의 이름은 넣지 않습니다.

report-subject = [삭제 요청] 동의 없이 유포된 성적 이미지 { $findings } ({ $organisation })
report-subject-minor = [긴급: 미성년자 의심] 성적 이미지 삭제 요청 { $findings } ({ $organisation })
report-minor = ※ 미성년자로 의심되는 사람이 나오는 게시물이 포함되어 있습니다. 이 신고서에는 사진·영상이 들어 있지 않으며, 다시 내려받거나 보관하지 않았습니다.
report-opening = { $organisation }에서 보냅니다. 디지털 성범죄 피해자를 지원하며, 아래 게시물의 삭제를 요청합니다.
report-authority = 신고 권한: { $authority }
report-what = 아래 게시물에는 당사자가 유포에 동의하지 않은 성적 이미지, 또는 당사자의 모습을 성적으로 합성한 이미지가 있습니다. 당사자는 게시에도 합성에도 동의하지 않았습니다.
report-what-minor = 아래 게시물에는 미성년자로 의심되는 사람의 성적 이미지, 또는 그런 사람의 모습을 성적으로 합성한 이미지가 있습니다.
report-law = 성폭력범죄의 처벌 등에 관한 특례법 제14조의2(허위영상물 등의 반포 등) 또는 제14조(카메라 등을 이용한 촬영)에 해당하는 것으로 의심되며, 텔레그램 서비스 약관에도 어긋나는 것으로 보입니다.
report-law-minor = 아동·청소년의 성보호에 관한 법률 제11조(아동·청소년성착취물의 제작·배포 등)에 해당하는 것으로 의심되며, 텔레그램 서비스 약관에도 어긋나는 것으로 보입니다.
report-how = 게시물은 등록된 이미지의 지문(지각 해시, 국소 특징)과 자동으로 비교하여 찾았고, 직원이 확인하였습니다.
report-request = 게시물과 그 사본(같은 file_unique_id)의 삭제, 그리고 처리 결과의 회신을 요청합니다.
report-posts = 게시물
report-good-faith = 위 내용은 알고 있는 범위에서 정확하며, 선의로 신고합니다.
report-need-authority = 신고 권한
report-need-non_consent = 동의하지 않았다는 진술
report-need-good_faith = 선의의 진술
report-need-signature = 서명
report-need-explanation = 불법인 이유
report-need-contact = 연락처
report-need-identity = 당사자의 본인 확인
report-yes = 예
report-no = 아니요
report-field-finding = 발견 번호
report-field-public_link = 공개 링크
report-field-members_link = 참여자용 링크
report-field-chat_id = 채팅 번호
report-field-chat_kind = 채팅 종류
report-field-chat_username = 채팅 이름 (@)
report-field-chat_title = 채팅 제목
report-field-message_id = 메시지 번호
report-field-album_message_ids = 앨범의 다른 메시지 번호
report-field-topic_id = 주제 번호
report-field-comment_of_link = 댓글이 달린 게시물
report-field-posted_at = 게시 시각 (UTC)
report-field-edited_at = 수정 시각 (UTC)
report-field-detected_at = 발견 시각 (UTC)
report-field-forwarded_from = 전달 원본
report-field-forwarded_from_link = 전달 원본 링크
report-field-author_signature = 작성자 서명
report-field-sent_as = 게시 명의
report-field-invite_link = 초대 링크
report-field-file_unique_ids = 텔레그램 파일 번호 (file_unique_id)
report-field-may_show_minor = 미성년자 의심
report-field-posted_hash = 게시된 사진의 PDQ 지문
report-field-hash_kind = 지문 종류
report-field-distance_bits = 지문의 차이 (비트)
report-field-of_bits = 지문의 길이 (비트)
report-field-view = 일치한 부분
report-field-orientation = 일치한 방향
report-field-still = 파일 속 위치
report-field-at = 위치 시작
report-field-until = 위치 끝
report-field-confirmed_by = 확인한 사람
report-field-confirmed_at = 확인 시각 (UTC)
report-field-state = 상태
report-field-log = 처리 기록 (UTC)

report-chat-channel = 채널
report-chat-group = 그룹
report-chat-supergroup = 그룹 (슈퍼그룹)
report-chat-private = 개인 대화
report-chat-chat = 그룹
report-chat-user = 이용자
report-chat-hidden_user = 이용자 (이름만 공개)
report-still-picture = 파일 자체
report-still-frame = 영상 속
report-still-entry = 압축 파일 속 (아래는 파일 순서)
report-still-page = 문서 속 (아래는 쪽 번호)
report-photo-derived = 등록된 일반 사진의 일부
report-photo-same_photo = 등록된 일반 사진 그대로
report-photo-near_photo = 등록된 일반 사진과 거의 같은 사진
report-staff =
    { $count ->
        [1] 직원
       *[other] 직원 { $count }명
    }
report-log-confirmed = 일치함으로 확인 · 직원
report-log-not_a_match = 일치하지 않음으로 판단 · 직원
report-log-reported = 신고함으로 기록 · 직원
report-log-still_up = 아직 남아 있음으로 기록 · 직원
report-log-removed = 삭제됨으로 기록 · 직원
report-log-closed = 종결 · 직원
report-log-sent = 신고한 곳: { $addressee }
report-log-sent-ticket = 신고한 곳: { $addressee } · 접수된 번호: { $ticket }
report-log-check-up = 다시 확인({ $how }): 아직 남아 있음
report-log-check-gone = 다시 확인({ $how }): 없음
report-log-check-unknown = 다시 확인({ $how }): 알 수 없음
report-log-by-person = 직원
report-log-by-page = 공개 페이지
report-log-by-account = 채널에 있는 계정

report-choose = <b>{ $findings }</b> · 신고할 곳을 골라 주십시오. 사진·영상은 어디에도 들어가지 않습니다.
report-choose-minor = ⚠️ <b>{ $findings }</b> · 미성년자로 의심됩니다. 아동 보호 기관에 먼저 신고해 주십시오. 다시 내려받거나 보관하지 마십시오.
report-addressee = <b>{ $name }</b>: { $when }
report-made = 📨 <b>{ $name }</b> · { $findings }
    보내는 곳: { $to }
    방법: { $steps }
report-made-part = ⚠️ 이 신고 자료에 든 것: { $total }건 가운데 { $count }건. 보냄으로 기록한 뒤 /report 명령으로 나머지 자료를 만들 수 있습니다.
report-made-missing = ⚠️ 보내기 전에 덧붙일 것: { $needs }
report-made-missing-configured = ⚠️ 보내기 전에 덧붙일 것: { $needs } (설정 파일의 [reports]에 적으면 다음부터 들어갑니다)
report-copy = 아래 글을 복사해 쓸 수 있습니다. 모든 내용은 함께 보낸 파일에 있습니다.
report-button-sent = 보냈음
report-button-packet = 신고서 만들기
report-answer-made = 신고서를 만들었습니다.
report-answer-sent = 신고함으로 기록했습니다.
report-sent-ticket = 받은 번호가 있으면 남겨 주십시오: <code>/reported F-{ $finding } { $addressee } 번호</code>
report-button-file = 📨 계정으로 신고하기
report-answer-filing = 계정이 텔레그램에 묻고 있습니다.
report-filing-choosing =
    📨 <b>텔레그램이 게시물의 문제를 묻습니다.</b> ({ $finding })
    가장 알맞은 것을 골라 주십시오.
report-filing-chosen = 고른 것: { $option }
report-filing-filed = ✅ <b>텔레그램 신고를 마쳤습니다.</b> ({ $finding })
report-filing-failed =
    ⚠️ <b>텔레그램 신고가 되었는지 확실하지 않습니다.</b> ({ $finding })
    텔레그램 앱에서 신고하거나, 다시 시작해 주십시오.
report-filing-comment = { $organisation }: 당사자의 동의 없이 공유된 사적인 사진 또는 합성물입니다. 당사자를 대신하여 삭제를 요청합니다. 참조: { $finding }
