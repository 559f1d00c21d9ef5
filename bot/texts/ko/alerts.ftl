## 경보. 하루에 수십 번 읽으므로 짧게 씁니다. 게시물의 사진이나 글은 넣지 않습니다.

alert-title-match = 🔴 <b>일치</b> · 접수번호 { $case }
alert-title-possible = 🟡 <b>비슷함 (낮은 우선순위)</b> · 접수번호 { $case }
alert-title-derived = 🟠 <b>합성 의심</b> · 접수번호 { $case }
alert-title-same_photo = 🔵 <b>일반 사진 그대로 (낮은 우선순위)</b> · 접수번호 { $case }
alert-title-decided = ⚪ <b>처리됨</b> · 접수번호 { $case }
alert-title-withdrawn = ⚪ <b>등록 철회됨</b> · 더 처리할 것이 없습니다.
alert-of-list = 다른 기관의 목록: { $list } (접수번호가 아닙니다)
alert-channel = 채널: { $channel }
alert-finding = <b>F-{ $finding }</b> · { $link }
alert-no-link = 링크 없음 (기본 그룹) · 메시지 번호 { $message }
alert-members-link = 채널 참여자용 링크: { $link }
alert-likeness = { $distance } · { $geometry }
alert-distance-identical = 거의 동일 (차이 { $bits }/{ $of })
alert-distance-same = 같은 사진 (차이 { $bits }/{ $of })
alert-distance-possible = 비슷한 사진 (차이 { $bits }/{ $of })
alert-distance-photo = 등록된 일반 사진과 거의 같은 사진 (차이 { $bits }/{ $of }). 얼굴 등 일부가 바뀌었는지는 알 수 없습니다
alert-view-whole = 사진 전체
alert-view-quadrant = 사진의 4분의 1
alert-view-half = 사진의 절반
alert-view-trimmed = 테두리를 뺀 사진
alert-view-cell = 화면 캡처·콜라주 속
alert-view-collage = 콜라주 속
alert-view-inner = 다른 사진 속
alert-view-cropped = 사진의 대부분
alert-view-tilted = 몇 도 기울인 사진
alert-view-covered = 가려진 부분을 채운 사진
alert-view-page = 화면·문서 전체
alert-view-screen = 화면 캡처 속
alert-view-inside = 테두리 속
alert-view-inside_quadrant = 테두리 속 사진의 4분의 1
alert-in-video = 영상 속 { $start }–{ $end } (영상의 { $percent }%)
alert-in-entry = 압축 파일 속 { $number }번째 파일
alert-in-page = 문서 속 { $number }쪽
alert-registered-video = 등록된 영상 { $at } 장면
alert-by-kind = 다른 기관 목록의 { $kind } 해시로 확인
alert-photo-derived = 등록된 일반 사진의 일부(약 { $percent }%)가 이 게시물 속에 있습니다. 나머지는 다릅니다. 사본이 아니라 의심입니다
alert-photo-same_photo = 등록된 일반 사진 전체가 그대로입니다. 악의 없는 재게시일 수 있습니다
alert-photo-withdrawn = 등록이 철회된 일반 사진
alert-photo-clockwise = 시계 방향 { $degrees }° 회전
alert-photo-anticlockwise = 반시계 방향 { $degrees }° 회전
alert-photo-enlarged = { $times }배로 확대
alert-photo-reduced = { $times }배로 축소
alert-figure =
    <b>F-{ $finding }</b> · 왼쪽은 등록된 일반 사진, 오른쪽은 게시물입니다.
    칠한 부분이 서로 겹치는 곳이고, 점은 같은 모서리입니다. 선만 그린 그림이며 사진은 들어 있지 않습니다.
alert-orientation-upright = 바로 선 그대로
alert-orientation-turned_90 = 시계 방향 90° 회전
alert-orientation-turned_180 = 180° 회전
alert-orientation-turned_270 = 반시계 방향 90° 회전
alert-orientation-mirrored = 좌우 반전
alert-orientation-mirrored_turned_90 = 좌우 반전 후 시계 방향 90° 회전
alert-orientation-mirrored_turned_180 = 상하 반전
alert-orientation-mirrored_turned_270 = 좌우 반전 후 반시계 방향 90° 회전
alert-posted = 게시: { $at }
alert-edited = 수정됨: { $at }
alert-before-registration = 등록하기 전에 게시됨 (등록: { $at })
alert-comment-of = 댓글이 달린 게시물: { $link }
alert-forwarded = 전달 원본: { $name }
alert-forwarded-link = 전달 원본: { $name } · { $link }
alert-nameless = 이름 없음
alert-held-quarantine = ⏸ 이 결정을 기다리는 같은 해시의 게시물: { $count }건 · 결정할 때까지 따로 알리지 않습니다.
alert-held-fan-out =
    ⏸ 짧은 시간에 여러 채널에 올라왔습니다. 결정을 기다리는 게시물: { $count }건
    계속 알리기: /hash enable F-{ $finding } · 알리지 않기: /hash disable F-{ $finding }
alert-more = 그 밖에 { $count }건
alert-waiting = 확인할 게시물: { $count }건
alert-seen-before = 이 접수번호의 이전 발견: { $count }건
alert-decided-confirmed = ✅ 일치함 · { $findings } · { $by } · { $at }
alert-decided-not_a_match = ❌ 일치 아님 · { $findings } · { $by } · { $at }
alert-decided-second = ☑️ 한 사람이 확인함, 다른 직원의 확인 필요 · { $findings } · { $by } · { $at }
alert-decided-reported = 📨 신고함 · { $findings } · { $by } · { $at }
alert-decided-still_up = 👁 아직 남아 있음 · { $findings } · { $by } · { $at }
alert-decided-removed = 🗑 삭제됨 · { $findings } · { $by } · { $at }
alert-decided-closed = ⏹ 종결 · { $findings } · { $by } · { $at }
alert-decided-earlier = 그 전의 결정: { $count }건
alert-report = 📨 신고할 수 있는 게시물: { $count }건. 하나씩 열어 신고서를 만들 수 있습니다: /finding F-{ $finding }
alert-button-open = 메시지 열기
alert-button-confirm =
    { $count ->
        [1] 일치함
       *[other] 일치함 ({ $count }건)
    }
alert-button-not-a-match =
    { $count ->
        [1] 일치 아님
       *[other] 일치 아님 ({ $count }건)
    }
alert-button-report = 신고서 만들기 (F-{ $finding })
alert-button-mute = 이 접수번호의 「일반 사진 그대로」 알림 끄기
alert-button-unmute = 이 접수번호의 「일반 사진 그대로」 알림 켜기
alert-muted = 🔕 이 접수번호의 「일반 사진 그대로」 게시물은 알리지 않습니다. 합성 의심은 계속 알립니다.
alert-answer-muted = 일반 사진을 그대로 올린 게시물은 더 알리지 않습니다. 기록은 계속합니다.
alert-answer-unmuted = 일반 사진을 그대로 올린 게시물을 다시 알립니다.
alert-answer-confirmed = 일치함으로 기록했습니다. ({ $count }건)
alert-answer-not_a_match = 일치 아님으로 기록했습니다. ({ $count }건)
alert-answer-second = 첫 번째 확인으로 기록했습니다. 다른 직원도 확인해 주십시오. ({ $count }건)
alert-already-confirmed = 이미 일치함으로 처리되었습니다. 처리한 사람: { $by } · { $at }
alert-already-not_a_match = 이미 일치 아님으로 처리되었습니다. 처리한 사람: { $by } · { $at }
