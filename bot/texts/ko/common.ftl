## 여러 화면이 함께 쓰는 말.

# 모든 화면의 마지막 줄. 기관의 연락처가 1366일 때와 아닐 때.
common-human = 사람과 상담하기: 1366 · D4U 02-735-8994 (24시간) · 경찰 112
common-human-own = 사람과 상담하기: { $contact } · 1366 · D4U 02-735-8994 (24시간) · 경찰 112

# 다른 언어로 바꾸는 버튼이라 그 언어로 씁니다.
common-button-language = English
common-button-korean = 한국어
common-button-english = English
common-button-erase = 모두 지우기
common-button-back = 뒤로
common-button-start = 처음으로

# 지울 수 없는 메시지의 내용 대신 두 언어로 남습니다.
common-deleted = 지워진 메시지입니다.
