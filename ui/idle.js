// Tells once that for so many seconds neither key nor pointer was used in any tab of these pages. A new
// login counts as use. When it was is kept in the browser, so a page opened the next day is told at once.
const LAST = "cmc-used";
const LOGIN = "cmc-login";
let seconds = Infinity;
let tell = null;

let kept = 0;

const use = () => {
  if (Date.now() - kept < 500) return;
  kept = Date.now();
  localStorage.setItem(LAST, kept);
};
for (const name of ["pointerdown", "pointermove", "keydown", "wheel"]) {
  document.addEventListener(name, use, { passive: true, capture: true });
}
setInterval(() => {
  if (!tell || Date.now() - Number(localStorage.getItem(LAST)) < seconds * 1000) return;
  tell("idle", true);
  tell = null;
}, 1000);

export default function ({ data, setTriggerValue }) {
  if (localStorage.getItem(LOGIN) !== data.login) use();
  localStorage.setItem(LOGIN, data.login);
  seconds = data.seconds;
  tell = setTriggerValue;
  return () => {
    tell = null;
  };
}
