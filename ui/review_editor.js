// The codes of one claim in a coder's hands. All decisions stay here until they are sent, so that keys
// act at once and in order however busy the server is. All that it shows is set as text.
//
// data: claim, again (another one: what was sent did not count, it may be sent again), rows [{code, description, band, mark, probability, notes, colour, decision, reason}],
// reasons {reject, add: {word: label}}, found {typed, codes [{code, title}]}, standing null or
// {id, told}, is_open. It answers with "typed" (search words) and the triggers "sent"
// {claim, replaces, rows [{code, is_kept, reason}]} and "left" (the claim).

const KEEPS = new Set(["accept", "add"]);

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".cmc-editor");
  const editor = (root.editor ??= begin(root));
  Object.assign(editor, { setStateValue, setTriggerValue });
  const told = JSON.stringify(data);
  if (editor.told === told) return;
  editor.told = told;
  const isNowOpen = data.is_open && !editor.data?.is_open;
  editor.data = data;
  const isNew = editor.claim !== data.claim;
  if (isNew) open(editor);
  if (editor.again !== data.again) editor.isSent = false;
  editor.again = data.again;
  draw(editor);
  if (isNowOpen && isText(document.activeElement)) focusCode(editor); // a coder gave an id: keys decide from here on
  if (isNew) root.querySelector("tbody tr")?.scrollIntoView({ block: "nearest" });
}

function begin(root) {
  const editor = { root, singleKeys: true };
  const onKey = (event) => {
    if (root.isConnected) press(editor, event);
    else document.removeEventListener("keydown", onKey);
  };
  document.addEventListener("keydown", onKey);
  const search = root.querySelector("[role=combobox]");
  search.oninput = () => ask(editor);
  search.onkeydown = (event) => searchKey(editor, event);
  search.onblur = () => setTimeout(() => close(editor), 150); // a click on an option comes first
  root.querySelector("[data-part=keys]").onchange = ({ target }) => (editor.singleKeys = target.checked);
  root.querySelector("[data-part=send]").onclick = () => send(editor);
  root.querySelector("[data-part=leave]").onclick = () => leave(editor);
  return editor;
}

function open(editor) {
  const { claim, rows } = editor.data;
  Object.assign(editor, { claim, rows: rows.map((row) => ({ ...row })), replaces: null, isSent: false, active: -1 });
  editor.current = (rows.find(({ decision }) => !decision) ?? rows[0])?.code;
  editor.root.querySelector("[role=combobox]").value = "";
}

// ---- what a coder does

const OF_ONE_KEY = {
  a: (editor) => decide(editor, "accept"),
  x: (editor) => decide(editor, "reject"),
  j: (editor) => step(editor, 1),
  k: (editor) => step(editor, -1),
  u: (editor) => move(editor, -1),
  d: (editor) => move(editor, 1),
  s: leave,
  n: toSearch,
};

const isText = (target) => target.matches("select, textarea, input:not([type=radio], [type=checkbox])");

function press(editor, event) {
  const key = event.key.toLowerCase(); // capitals come with Caps Lock
  if (event.ctrlKey && key === "enter") send(editor);
  else if (isText(event.target) || !editor.singleKeys || event.ctrlKey || event.altKey || event.metaKey) return;
  else if (/^[1-9]$/.test(key)) reason(editor, Number(key) - 1);
  else if (OF_ONE_KEY[key]) OF_ONE_KEY[key](editor);
  else return;
  event.preventDefault();
  if (OF_ONE_KEY[key] !== toSearch) editor.root.querySelector("tr:has(:checked)")?.scrollIntoView({ block: "nearest" });
}

function decide(editor, decision) {
  if (!editor.data.is_open || editor.isSent) return;
  const row = currentRow(editor);
  if (row.decision === "add" && decision === "reject") {
    editor.rows = editor.rows.filter((other) => other !== row); // one's own addition is taken back
    editor.current = editor.rows.at(-1)?.code;
  } else if (row.decision !== "add" && row.decision !== decision) {
    Object.assign(row, { decision, reason: Object.keys(editor.data.reasons[decision])[0] });
  }
  const undecided = editor.rows.filter((other) => !other.decision);
  const at = editor.rows.indexOf(row);
  const next = undecided.find((other) => editor.rows.indexOf(other) > at) ?? undecided[0];
  if (decision === "accept" && next) editor.current = next.code;
  draw(editor);
}

function reason(editor, place) {
  const row = currentRow(editor);
  const word = Object.keys(editor.data.reasons[row.decision] ?? {})[place];
  if (word) row.reason = word;
  draw(editor);
}

function step(editor, by) {
  const at = editor.rows.indexOf(currentRow(editor)) + by;
  if (editor.rows[at]) editor.current = editor.rows[at].code;
  draw(editor);
}

function move(editor, by) {
  const at = editor.rows.indexOf(currentRow(editor));
  if (!editor.data.is_open || !editor.rows[at + by]) return;
  [editor.rows[at], editor.rows[at + by]] = [editor.rows[at + by], editor.rows[at]];
  draw(editor);
}

function add(editor, { code, title }) {
  const search = editor.root.querySelector("[role=combobox]");
  const known = editor.rows.find((row) => row.code === code);
  if (!known) {
    const reason = Object.keys(editor.data.reasons.add)[0];
    editor.rows.push({ code, description: title, band: "", mark: "+", probability: "", notes: [], colour: "", decision: "add", reason });
  }
  editor.current = code;
  search.value = "";
  search.blur();
  ask(editor);
  draw(editor);
}

function send(editor) {
  const { standing, is_open } = editor.data;
  const isTold = !standing || standing.id === editor.replaces;
  if (!is_open || editor.isSent || !isTold) return;
  const undecided = editor.rows.find(({ decision }) => !decision);
  if (undecided) {
    editor.current = undecided.code; // the button is off, but not the key
    return draw(editor);
  }
  editor.isSent = true;
  const rows = editor.rows.map(({ code, decision, reason }) => ({ code, is_kept: KEEPS.has(decision), reason }));
  editor.setTriggerValue("sent", { claim: editor.claim, replaces: editor.replaces, rows });
  draw(editor);
}

function replace(editor) {
  editor.replaces = editor.data.standing.id;
  editor.isSent = false;
  send(editor);
}

function leave(editor) {
  editor.setTriggerValue("left", editor.claim);
}

function focusCode(editor) {
  editor.root.querySelector("tbody input:checked")?.focus({ preventScroll: true });
}

function toSearch(editor) {
  editor.root.querySelector("[role=combobox]").focus();
}

const currentRow = (editor) => editor.rows.find(({ code }) => code === editor.current) ?? editor.rows[0];

// ---- the search for a code to add

function ask(editor) {
  clearTimeout(editor.asking);
  const { value } = editor.root.querySelector("[role=combobox]");
  editor.asking = setTimeout(() => editor.setStateValue("typed", value), 150);
  drawFound(editor);
}

function searchKey(editor, event) {
  const codes = foundCodes(editor);
  if (event.key === "ArrowDown") editor.active = Math.min(editor.active + 1, codes.length - 1);
  else if (event.key === "ArrowUp") editor.active = Math.max(editor.active - 1, 0);
  else if (event.key === "Enter" && !event.ctrlKey && codes.length) add(editor, codes[Math.max(editor.active, 0)]);
  else if (event.key === "Escape") event.target.blur();
  else return;
  event.preventDefault();
  event.stopPropagation();
  drawFound(editor);
}

function foundCodes(editor) {
  const search = editor.root.querySelector("[role=combobox]");
  const { typed, codes } = editor.data.found;
  return document.activeElement === search && typed === search.value && typed ? codes : [];
}

function close(editor) {
  if (editor.root.isConnected) drawFound(editor);
}

function drawFound(editor) {
  const search = editor.root.querySelector("[role=combobox]");
  const list = editor.root.querySelector("[role=listbox]");
  const codes = foundCodes(editor);
  editor.active = codes.length ? Math.min(Math.max(editor.active, 0), codes.length - 1) : -1;
  list.hidden = !codes.length;
  search.setAttribute("aria-expanded", String(codes.length > 0));
  search.setAttribute("aria-activedescendant", codes.length ? `cmc-found-${editor.active}` : "");
  list.replaceChildren(...codes.map((found, at) => {
    const option = element("li", { role: "option", id: `cmc-found-${at}`, "aria-selected": String(at === editor.active) });
    option.append(element("b", {}, found.code), ` ${found.title}`);
    option.onmousedown = (event) => event.preventDefault();
    option.onclick = () => add(editor, found);
    return option;
  }));
}

// ---- how it looks

function draw(editor) {
  const { root, data } = editor;
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.part : null;
  root.querySelector("tbody").replaceChildren(...editor.rows.map((row) => rowOf(editor, row)));
  const left = editor.rows.filter(({ decision }) => !decision).length;
  const told = data.standing && data.standing.id !== editor.replaces;
  root.querySelector("[data-part=conflict]").replaceChildren(...(told && data.is_open ? conflict(editor) : []));
  root.querySelector("[data-part=send]").disabled = Boolean(left || told || editor.isSent || !data.is_open);
  root.querySelector("[role=status]").textContent = editor.isSent
    ? "sending …"
    : left ? `${left} ${left === 1 ? "code" : "codes"} to decide` : "all codes decided";
  if (focused) root.querySelector(`[data-part="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  drawFound(editor);
}

function conflict(editor) {
  const box = element("div", { class: "cmc-notice", role: "alert" });
  const buttons = element("p", {});
  const take = element("button", { type: "button", "data-part": "replace" }, "Replace theirs with mine");
  const keep = element("button", { type: "button", "data-part": "keep" }, "Leave theirs");
  take.onclick = () => replace(editor);
  keep.onclick = () => leave(editor);
  take.disabled = editor.rows.some(({ decision }) => !decision);
  buttons.append(take, " ", keep);
  box.append(`${editor.data.standing.told} Yours was not sent.`, buttons);
  return [box];
}

function rowOf(editor, row) {
  const line = element("tr", { class: row.decision === "reject" ? "cmc-rejected" : "" });
  const choice = element("input", { type: "radio", name: "cmc-code", value: row.code, "data-part": `row ${row.code}` });
  choice.ariaLabel = `${row.code} ${row.description}: ${row.decision ?? "to decide"}`;
  choice.checked = row.code === editor.current;
  choice.onchange = () => {
    editor.current = row.code;
    draw(editor);
  };
  line.onclick = ({ target }) => {
    if (!target.closest("button, select, input")) choice.click();
  };
  const code = element("span", { class: `cmc-code-cell cmc-${row.band}` });
  if (row.colour) code.append(element("i", { class: "cmc-swatch", "aria-hidden": "true", style: row.colour }));
  code.append(element("b", {}, row.code));
  const said = element("span", {}, row.description);
  said.append(...row.notes.map((note) => element("small", {}, note)));
  const chance = element("span", { class: `cmc-${row.band}` }, row.band ? `${row.mark} ${row.probability} ${row.band}` : "+ added");
  const cells = [[choice], [code], [said, ...reasonOf(editor, row)], [chance], buttonsOf(editor, row)];
  for (const parts of cells) line.insertCell().append(...parts);
  return line;
}

function buttonsOf(editor, row) {
  const act = (part, text, label, pressed, done) => {
    const button = element("button", { type: "button", "data-part": `${part} ${row.code}`, "aria-label": `${label} ${row.code}` }, text);
    if (pressed !== null) button.ariaPressed = String(pressed);
    button.onclick = () => {
      editor.current = row.code;
      done();
    };
    return button;
  };
  return [
    act("accept", "✓", "accept", KEEPS.has(row.decision), () => decide(editor, "accept")),
    act("reject", "✕", "reject", row.decision === "reject", () => decide(editor, "reject")),
    act("up", "↑", "move up", null, () => move(editor, -1)),
    act("down", "↓", "move down", null, () => move(editor, 1)),
  ];
}

function reasonOf(editor, row) {
  const reasons = Object.entries(editor.data.reasons[row.decision] ?? {});
  if (reasons.length < 2) return [];
  const chosen = element("select", { "data-part": `reason ${row.code}`, "aria-label": `reason for ${row.code}` });
  chosen.append(...reasons.map(([word, label], at) => {
    const option = element("option", { value: word }, `${at + 1} ${label}`);
    option.selected = word === row.reason;
    return option;
  }));
  chosen.onchange = () => {
    row.reason = chosen.value;
    draw(editor);
  };
  return [chosen];
}

function element(tag, attributes, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== "") made.setAttribute(name, value);
  made.textContent = text;
  return made;
}
