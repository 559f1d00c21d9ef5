// Videos, by the browser's own player: it is set to each moment, and what it shows is looked at.

const TICK_MS = 5_000;
const PATIENCE_TICKS = 4;
const SHOWN_MS = 100;
const UNASKED_MS = 1000;
const OF_BT709 = [212.6, 715.2, 72.2];
const OF_BT2020 = [262.7, 678, 59.3];
const HAS_PLANES = /^(I4|NV)/;
const MOST_TRIES = 10;
const HEAD_BYTES = 4096;
const ITS_END_S = 1e7;

// Ticks are counted, of which one at most is overdue when a device wakes: while it slept the player did, too.
function happens(target, name) {
  return new Promise((resolve, reject) => {
    let ticks = PATIENCE_TICKS;
    const fail = () => { clearInterval(timer); reject(new NotHashed("video")); };
    const timer = setInterval(() => { ticks -= 1; if (!ticks) fail(); }, TICK_MS);
    target.addEventListener(name, () => { clearInterval(timer); resolve(); }, { once: true });
    target.addEventListener("error", fail, { once: true });
  });
}

// A player says that it is there before it shows what is there; and where that is what it showed, it says no more.
async function seek(player, seconds) {
  const isThere = happens(player, "seeked");
  const isShown = new Promise((resolve) => { player.requestVideoFrameCallback?.(resolve); });
  player.currentTime = seconds;
  await isThere;
  await Promise.race([isShown, pause(SHOWN_MS)]);
}

// What a frame says of itself: { format, matrix }; nothing where the browser tells a page nothing of it.
async function described(player) {
  for (let tries = 0; typeof VideoFrame === "function" && tries < MOST_TRIES; tries += 1) {
    try {
      const frame = new VideoFrame(player, { timestamp: 0 });
      const told = { format: frame.format ?? "", matrix: frame.colorSpace.matrix };
      frame.close();
      return told;
    } catch {
      // It says that there are pictures before it has one.
      await pause(SHOWN_MS);
    }
  }
  return { format: "", matrix: null };
}

// The weights that make of what the player draws the luma that is stored. Where a file does not name its matrix, Chromium
// takes that of BT.601, as for pictures, and tells of the planes that it has; Firefox takes that of BT.709, and tells of
// no matrix at all; of others nothing is known, and BT.709 is what most phones write. VP8 has no other than BT.601.
async function weightsOf(player, blob) {
  const { format, matrix } = await described(player);
  if (!matrix && latin(new DataView(await blob.slice(0, HEAD_BYTES).arrayBuffer()), 0, HEAD_BYTES).includes("V_VP8")) {
    return OF_PICTURES;
  }
  if (matrix === "bt2020-ncl") return OF_BT2020;
  return matrix === "bt709" || (!matrix && !HAS_PLANES.test(format)) ? OF_BT709 : OF_PICTURES;
}

// { width, height, durationMs, looked, frames }. Throws `NotHashed`. `tell` hears how far it is, 0 to 1.
async function hashVideo(blob, tell) {
  const player = document.createElement("video");
  const url = URL.createObjectURL(blob);
  try {
    [player.muted, player.playsInline, player.preload] = [true, true, "auto"];
    const isLoaded = happens(player, "loadeddata");
    player.src = url;
    await Promise.race([isLoaded, pause(UNASKED_MS)]);
    // Safari on phones loads no picture before a page wants to play it.
    if (player.readyState < player.HAVE_CURRENT_DATA) player.play().catch(() => {});
    await isLoaded;
    player.pause();
    const { videoWidth: width, videoHeight: height } = player;
    if (!width || !height) throw new NotHashed("video");
    if (width * height > MOST_PIXELS) throw new NotHashed("too-large");
    // What a browser has recorded itself does not say how long it is.
    if (!Number.isFinite(player.duration)) await seek(player, ITS_END_S);
    const durationMs = Math.round(player.duration * 1000);
    const interval = intervalMs(durationMs);
    const sampler = new Sampler();
    const weights = await weightsOf(player, blob);
    for (let atMs = 0; atMs < durationMs && !sampler.isFull; atMs += interval) {
      if (atMs || player.currentTime) await seek(player, atMs / 1000);
      await sampler.add(atMs, player, width, height, weights);
      tell(atMs / durationMs);
    }
    return { width, height, durationMs, looked: sampler.looked, frames: sampler.frames };
  } finally {
    player.removeAttribute("src");
    player.load();
    URL.revokeObjectURL(url);
  }
}
