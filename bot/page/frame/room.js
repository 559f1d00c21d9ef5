// The closed frame's side of the conversation: files come in, hashes go out. One file at a time.

const MOST_PIXELS = 100_000_000;
const MOST_BYTES_OF_A_PICTURE = 2 ** 28;
const READ_EVERYWHERE = ["JPEG", "PNG", "WebP", "GIF", "BMP"];

class NotHashed extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

// What a file shows, as hashes, or as the sketch of an ordinary photo. Throws `NotHashed`.
async function hashFile(file, isPhoto, tell) {
  if (!file.size) throw new NotHashed("empty");
  await testThisBrowser();
  const head = kindOf(new DataView(await readBytes(file.slice(0, HEAD_BYTES))));
  const isVideo = head.isVideo || (!head.format && file.type.startsWith("video/"));
  if (isPhoto && isVideo) throw new NotHashed("moving");
  if (isVideo) return ofFrames("video", await hashWholeVideo(file, tell));
  if (file.size > MOST_BYTES_OF_A_PICTURE) throw new NotHashed("too-large");
  const data = await readBytes(file);
  const view = new DataView(data);
  const kind = kindOf(view);
  if (kind.pixels > MOST_PIXELS) throw new NotHashed("too-large");
  if (isPhoto && kind.isAnimated) throw new NotHashed("moving");
  if (isCutOff(view, kind.format)) throw new NotHashed("cut");
  if (kind.isAnimated) return ofFrames("animation", await hashAnimation(data, kind.format, tell));
  return (isPhoto ? sketchTwice : hashTwice)(new Blob([data]), kind.format, tell);
}

async function readBytes(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw new NotHashed("gone");
  }
}

async function hashWholeVideo(file, tell) {
  try {
    return await hashVideo(file, tell);
  } catch (error) {
    if (error.why === "video" && await isVideoCutOff(file)) throw new NotHashed("cut");
    throw error;
  }
}

// What two readings of a file give.
async function readBoth(read, format, tell) {
  let first;
  try {
    first = await read();
  } catch (error) {
    if (error.why === "unreadable" && format === "HEIC") throw new NotHashed("heic");
    if (error.why === "unreadable" && READ_EVERYWHERE.includes(format)) throw new NotHashed("broken");
    throw error;
  }
  tell(0.5);
  return [first, await read()];
}

async function hashTwice(blob, format, tell) {
  const [picture, again] = await readBoth(() => hashPicture(blob), format, tell);
  const differs = picture.hashes.length !== again.hashes.length
    || picture.hashes.some(({ bits }, at) => distanceOf(bits, again.hashes[at].bits));
  if (differs) throw new NotHashed("disagree");
  const usable = picture.hashes.filter(({ why }) => !why);
  if (!usable.length) throw new NotHashed("flat");
  const { width, height, hashes } = picture;
  return { kind: "picture", width, height, quality: picture.whole.quality, lines: usable.map(formatHash) };
}

async function sketchTwice(blob, format, tell) {
  const [photo, again] = await readBoth(() => sketchPhoto(blob), format, tell);
  if (photo.lines[0] !== again.lines[0]) throw new NotHashed("disagree");
  return photo;
}

function ofFrames(kind, { width, height, durationMs, looked, frames }) {
  if (!frames.length) throw new NotHashed("flat");
  const quality = Math.round(frames.reduce((sum, frame) => sum + frame.quality, 0) / frames.length);
  const lines = formatVideo(durationMs, frames);
  return { kind, width, height, durationMs, looked, frames: frames.length, quality, lines };
}

// Messages are { number, file, isPhoto }; answers { number, done } (0 to 1), { number, result } or { number, why }. The
// first thing said is { isReady, why }: `why` is empty where this browser can be used.
const say = (message) => parent.postMessage(message, "*");
let queue = Promise.resolve();

async function answer({ number, file, isPhoto }) {
  try {
    const result = await hashFile(file, isPhoto, (done) => say({ number, done }));
    say({ number, result });
  } catch (error) {
    say({ number, why: error instanceof NotHashed ? error.why : "unreadable" });
  }
}

window.addEventListener("message", ({ source, data }) => {
  if (source === parent) queue = queue.then(() => answer(data));
});

testThisBrowser().then(() => say({ isReady: true, why: "" }), ({ why }) => say({ isReady: true, why }));
