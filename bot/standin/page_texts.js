// The words of the page, and the language they are shown in.

const TEXTS = {
  en: {
    chats: "Chats", other: "한국어", otherLang: "ko",
    play: "Play the example", playing: "Playing…",
    idle: "Press “Play the example”, or write, post a file and press buttons yourself.",
    channel: "Channel", closed: "Closed channel", victim: "Victim", staff: "Staff",
    channelHint: "Watched with authorisation. You post as {name}.",
    closedHint: "No bot can enter; an account can. You post as {name}.",
    victimHint: "Private chat with the bot. You are {name}.",
    staffHint: "Group of the organisation. You are {name}.",
    channelEmpty: "No posts yet. Drop a picture here.",
    closedEmpty: "No posts yet.",
    victimEmpty: "Nothing yet. Write /start.",
    staffEmpty: "Alerts appear here.",
    write: "Message", writePost: "Post", send: "Send", attach: "Attach a file", commands: "Commands",
    delete: "Delete", you: "You", bot: "bot", edited: "edited", forwarded: "Forwarded from {name}", hidden: "somebody",
    drop: "Drop to send", asPhoto: "As a picture", asFile: "As a file (every byte kept)", how: "Send “{name}” how?",
    pick: "Pick a chat", none: "There is no chat to pick.", cancel: "Cancel", ok: "OK",
    joined: "{name} joined", left: "{name} left", shared: "Shared a chat: {name}", unsupported: "A message of another kind",
    lost: "The connection is lost. Is the demo still running?", tooBig: "The demo takes files up to 40 MB.",
    device: "On {name}’s own device, and sent to nobody. Only what is computed from it is.",
    notHere: "This link leads out of the demo.", picture: "A picture", file: "File", video: "Video",
  },
  ko: {
    chats: "대화방", other: "English", otherLang: "en",
    play: "예시 보기", playing: "진행 중…",
    idle: "‘예시 보기’를 누르거나, 직접 글을 쓰고 파일을 올리고 버튼을 눌러 보십시오.",
    channel: "채널", closed: "비공개 채널", victim: "피해자", staff: "직원",
    channelHint: "승인을 받아 살펴보는 채널입니다. 게시하는 사람: {name}",
    closedHint: "봇은 들어갈 수 없고 계정은 들어갈 수 있습니다. 게시하는 사람: {name}",
    victimHint: "봇과의 개인 대화입니다. 나: {name}",
    staffHint: "기관의 그룹입니다. 나: {name}",
    channelEmpty: "아직 게시물이 없습니다. 사진을 여기에 놓아 보십시오.",
    closedEmpty: "아직 게시물이 없습니다.",
    victimEmpty: "아직 대화가 없습니다. /start 를 써 보십시오.",
    staffEmpty: "경보가 여기에 나타납니다.",
    write: "메시지", writePost: "게시물", send: "보내기", attach: "파일 첨부", commands: "명령어",
    delete: "삭제", you: "나", bot: "봇", edited: "수정됨", forwarded: "전달된 메시지: {name}", hidden: "알 수 없는 사람",
    drop: "놓으면 보냅니다", asPhoto: "사진으로", asFile: "파일로 (원본 그대로)", how: "‘{name}’ 파일을 어떻게 보낼까요?",
    pick: "대화방 고르기", none: "고를 수 있는 대화방이 없습니다.", cancel: "취소", ok: "확인",
    joined: "들어온 사람: {name}", left: "나간 사람: {name}", shared: "공유한 대화방: {name}", unsupported: "다른 종류의 메시지",
    lost: "연결이 끊어졌습니다. 데모가 실행 중인지 확인해 주십시오.", tooBig: "데모에서는 40MB까지 보낼 수 있습니다.",
    device: "{name} 님의 기기에만 있는 사진입니다. 사진은 보내지 않고 계산한 값만 보냅니다.",
    notHere: "데모 밖으로 나가는 링크입니다.", picture: "사진", file: "파일", video: "동영상",
  },
};

let language = asked() ?? remembered() ?? (navigator.language.startsWith("ko") ? "ko" : "en");

// The address may say which language to begin in.
function asked() {
  const wanted = new URLSearchParams(location.search).get("language");
  return wanted in TEXTS ? wanted : null;
}

function remembered() {
  try { return localStorage.getItem("language"); } catch { return null; }
}

export function spoken() {
  return language;
}

export function speak(other) {
  language = other;
  try { localStorage.setItem("language", language); } catch { /* remembering is a nicety */ }
}

export function t(key, name = "") {
  return TEXTS[language][key].replace("{name}", name);
}
