## 운영자에게 알리는 문제. 같은 내용은 한 시간에 한 번만 보냅니다.

notice-poison =
    ⚠️ 읽을 수 없는 업데이트가 있습니다.
    지우지 않고 보관했으며, 다른 게시물은 계속 확인하고 있습니다.
    목록 보기: /poison
notice-second-poller =
    ⚠️ 다른 프로그램이 이 봇의 업데이트를 가져가고 있습니다.
    같은 토큰으로 실행 중인 프로그램이나 웹훅을 멈춰 주십시오. 그동안 이 봇은 다시 시도합니다.
notice-media-buried =
    ⚠️ 여러 번 시도했지만 내려받지 못한 파일이 있습니다.
    원인: { $trouble }
    다시 내려받기: /retry
notice-lookback-buried =
    ⚠️ 예전 게시물과의 비교를 여러 번 시도했지만 마치지 못했습니다.
    원인: { $trouble }
    멈춘 곳부터 다시 시도: /retry
notice-staff-chat-lost =
    ⚠️ 직원 대화방에 경보를 보낼 수 없습니다.
    원인: { $trouble }
    봇을 직원 대화방에 다시 넣어 주십시오. 경보는 사라지지 않으며 계속 다시 보냅니다.
notice-message-left =
    ⚠️ 지워야 할 메시지를 텔레그램이 지우지도 고치지도 못하게 했습니다.
    원인: { $trouble }
    메시지: { $message }
    모두 지워 달라고 한 피해자의 경보일 수 있습니다. 직접 지워 주십시오.
    직원 대화방에서 봇에게 메시지 삭제 권한을 주면 다음부터는 봇이 지웁니다.
notice-came-back =
    👁 <b>삭제되었던 게시물이 다시 보입니다: F-{ $finding }</b>
    확인하고 다시 신고하기: <code>/finding F-{ $finding }</code>
notice-account-ready =
    ✅ 계정이 다시 작동합니다: { $account }
notice-account-waiting =
    ⏳ 텔레그램이 잠시 기다리라고 했습니다. 계정: { $account }
    다시 시작하는 시각: { $until }. 그동안의 게시물은 나중에 읽으며 빠뜨리지 않습니다.
notice-account-needs_sign_in =
    ⚠️ 텔레그램이 로그인을 끝냈습니다. 계정: { $account }
    이 계정의 채널은 그 채널에 있는 다른 계정이 읽습니다.
    다시 로그인하려면 지킴이가 있는 컴퓨터에서: <code>jikimi account add</code>
notice-account-limited =
    ⚠️ 텔레그램이 사용을 제한했습니다. 계정: { $account }
    제한이 풀릴 때까지 아무것도 읽지 않습니다. 이 계정으로 텔레그램을 열어 @SpamBot에게 이유를 물어보십시오.
    제한이 풀리면 지킴이가 있는 컴퓨터에서: <code>jikimi account add</code>
notice-account-banned =
    🚫 텔레그램이 사용을 정지했습니다. 계정: { $account }
    이 계정의 채널은 그 채널에 있는 다른 계정이 읽습니다.
    다른 계정을 더하려면 지킴이가 있는 컴퓨터에서: <code>jikimi account add</code>
notice-account-failed =
    ⚠️ 예상하지 못한 문제가 생겼습니다. 계정: { $account }
    원인: { $trouble }
    다시 시도하고 있으며, 다른 작업은 계속합니다. 이 알림이 한 시간마다 오면 지킴이의 로그에서 자세한 내용을 확인해 주십시오.

## 예전 게시물 비교. 새로 등록된 해시를 이미 본 게시물의 지문과 비교합니다.

notice-lookback-running = 🔎 새로 등록된 해시를 예전 게시물과 비교하고 있습니다: { $percent }%
notice-lookback-done = 🔎 <b>예전 게시물 비교를 마쳤습니다.</b>
notice-lookback-counts = 비교한 파일: { $files }개 · 발견: { $found }건
notice-lookback-unreadable = 읽을 수 없던 지문: { $files }개
