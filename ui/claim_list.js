// The feed's list as a real table with a radio button in each row. Rows are kept by claim, so that
// focus, scroll and choice stay where they are while claims come. All that it shows is set as text.

export default function ({ data, parentElement, setStateValue }) {
  const body = parentElement.querySelector("tbody");
  arrange(body, data.claims);
  if (body.dataset.chosen !== data.chosen) {
    body.dataset.chosen = data.chosen;
    const input = body.querySelector(`input[value="${CSS.escape(data.chosen)}"]`);
    if (input) input.checked = true;
  }
  body.onchange = ({ target }) => setStateValue("chosen", target.value);
  body.onclick = ({ target }) => {
    const input = target.closest("tr").querySelector("input");
    if (target !== input) {
      input.focus({ preventScroll: true });
      input.click();
    }
  };
}

function arrange(body, claims) {
  const wanted = new Set(claims.map(({ id }) => id));
  for (const row of [...body.rows]) if (!wanted.has(row.dataset.claim)) row.remove();
  const kept = new Map([...body.rows].map((row) => [row.dataset.claim, row]));
  let place = body.firstElementChild;
  for (const claim of claims) {
    const row = kept.get(claim.id) ?? rowOf(claim);
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
}

function rowOf(claim) {
  const input = element("input", "", "");
  const codes = claim.codes.map(({ band, mark, code }) => element("span", `${mark} ${code}`, `cmc-${band}`));
  const spoken = claim.codes.map(({ band, code }) => `${code} ${band}`).join(", ");
  Object.assign(input, { type: "radio", name: "claim", value: claim.id });
  input.ariaLabel = `${claim.coded} ${claim.encounter}: ${spoken || claim.first}`;
  const row = element("tr", "", "");
  row.dataset.claim = claim.id;
  const cells = [[input], [claim.coded], [claim.encounter], codes, [claim.first]];
  row.append(...cells.map((parts) => {
    const cell = element("td", "", "");
    cell.append(...parts);
    return cell;
  }));
  return row;
}

function element(tag, text, className) {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}
