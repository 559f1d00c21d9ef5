## 통계. 그림의 글자이므로 짧게 씁니다.

stats-posts = 게시물
stats-findings = 발견
stats-by-channel = 채널별 발견
stats-removal = 삭제까지 걸린 시간: { $count }건, 중앙값 { $median }시간
stats-hours = 시간
stats-false = 일치 아님의 비율
stats-failed = 지문을 만들지 못한 비율
stats-caption =
    📊 <b>지난 { $days }일</b>
    게시물 { $posts }건 · 발견 { $findings }건
    신고 뒤 삭제됨 { $removed }건 · 삭제까지 중앙값 { $median }시간
    일치 아님 { $false }% · 지문을 만들지 못한 파일 { $failed }%
