## Statistics: words of a picture, so they are short.

stats-posts = Posts
stats-findings = Findings
stats-by-channel = Findings by channel
stats-removal = Time to removal: { $count }, median { $median } h
stats-hours = hours
stats-false = Share of not a match
stats-failed = Share that could not be fingerprinted
stats-caption =
    📊 <b>The last { $days } days</b>
    { $posts } posts · { $findings } findings
    { $removed } removed after a report · median { $median } h to removal
    { $false } % not a match · { $failed } % of files could not be fingerprinted
