// Ordinary photos: chosen apart from everything else, after reading what a sketch of one is, and saved as one file each.

const SKETCH = /^PHOTO1:[0-9A-Za-z:_=-]+$/;

// Says nothing of the photo, as what `jikimi hash --photo` writes.
const sketchName = ({ number }) => `jikimi-photo-${number}.txt`;

function saveSketch(entry) {
  saveAs(sketchName(entry), entry.result.lines[0]);
  find("sketch-saved").textContent = say("sketch-saved", { file: sketchName(entry) });
}

function openConsent(isOpen) {
  find("photo-open").setAttribute("aria-expanded", String(isOpen));
  find("photo-consent").hidden = !isOpen;
}

function preparePhotos() {
  find("photo-open").addEventListener("click", () => openConsent(find("photo-consent").hidden));
  find("photo-disagree").addEventListener("click", () => {
    openConsent(false);
    find("photo-open").focus();
  });
  find("photo-agree").addEventListener("click", () => {
    openConsent(false);
    [find("photo-open").hidden, find("photo-drop").hidden] = [true, false];
    find("photos").focus();
  });
  takeChosen(find("photos"), true);
}
