// A list of claims as a real table with a radio button in each row. Rows are kept by claim, so that
// focus, scroll and choice stay where they are while claims come. All that it shows is set as text.

export default function ({ data, parentElement, setStateValue }) {
  const body = parentElement.querySelector("tbody");
  arrange(body, data.claims, data.name);
  if (body.dataset.chosen !== data.chosen) {
    body.dataset.chosen = data.chosen;
    const input = body.querySelector(`input[value="${CSS.escape(data.chosen)}"]`);
    if (input) input.checked = true;
  }
  body.onchange = ({ target }) => {
    body.dataset.chosen = target.value;
    setStateValue("chosen", target.value);
  };
  body.onclick = ({ target }) => {
    const input = target.closest("tr").querySelector("input");
    if (target !== input) {
      input.focus({ preventScroll: true });
      input.click();
    }
  };
}

function arrange(body, claims, name) {
  const wanted = new Set(claims.map(({ id }) => id));
  for (const row of [...body.rows]) if (!wanted.has(row.dataset.claim)) row.remove();
  const kept = new Map([...body.rows].map((row) => [row.dataset.claim, row]));
  let place = body.firstElementChild;
  for (const claim of claims) {
    const row = kept.get(claim.id) ?? rowOf(claim, name);
    fill(row, claim);
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
}

function rowOf(claim, name) {
  const input = Object.assign(document.createElement("input"), { type: "radio", name, value: claim.id });
  const row = document.createElement("tr");
  row.dataset.claim = claim.id;
  row.insertCell().append(input);
  return row;
}

function fill(row, claim) {
  const told = JSON.stringify([claim.spoken, claim.cells]);
  if (row.dataset.told === told) return;
  row.dataset.told = told;
  row.querySelector("input").ariaLabel = claim.spoken;
  while (row.cells.length > 1) row.lastElementChild.remove();
  for (const parts of claim.cells) row.insertCell().append(...parts.map(part));
}

function part({ text, look }) {
  return look ? Object.assign(document.createElement("span"), { textContent: text, className: look }) : text;
}
