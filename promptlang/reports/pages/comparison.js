const FLOW = 8; // cells of a single axis before it is laid out in lines
const { axes, cells } = data;
const point = (cell) => axes.map(({ lead, values }, axis) => lead + values[cell.at[axis]]).join(", ");
const longest = axes.reduce((best, axis, place) => (axis.values.length > axes[best].values.length ? place : best), axes.length - 1);
const widest = Math.max(...cells.map((cell) => cell.size[0]));

const count = el("span", { className: "quiet", role: "status" });
const grid = el("section", { id: "grid", ariaLabel: "Pictures" });
const viewer = el("dialog", { tabIndex: -1 });
const filters = axes.map(({ name, values }) =>
  el("select", { ariaLabel: name, onchange: lay }, el("option", { value: "" }, `${name}: all`), ...values.map((value, place) => el("option", { value: place }, `${name}: ${value}`))),
);
const across = el("select", { ariaLabel: "Across", onchange: lay }, ...axes.map(({ name }, place) => el("option", { value: place }, `${name} across`)));
const size = el("input", { type: "range", min: 64, max: 512, ariaLabel: "Size of the pictures", oninput: resize });
const difference = el("button", {
  textContent: "Difference to the first",
  ariaPressed: "false",
  onclick: () => (difference.ariaPressed = String(grid.classList.toggle("difference"))),
});

function resize() {
  document.body.style.setProperty("--cell", size.value + "px");
}

/** A size at which the columns fit the window, as long as pictures can be told apart. */
function fitting(columns) {
  const room = innerWidth - (columns > 1 && axes.length > 1 ? 180 : 40);
  return Math.round(Math.min(widest, 384, Math.max(96, room / columns - 12)));
}

function figure(cell, caption) {
  const picture = el("img", { src: cell.pixels, alt: point(cell), loading: "lazy", width: cell.size[0], height: cell.size[1] });
  const button = el("button", { title: `${point(cell)} (${cell.file})`, onclick: () => compare(0, cells.indexOf(cell)) }, picture);
  button.style.setProperty("--wide", cell.size[0] / widest);
  return el("figure", {}, button, caption ? el("figcaption", {}, caption) : null);
}

function lay() {
  const chosen = cells.filter((cell) => filters.every((select, axis) => select.value === "" || cell.at[axis] === Number(select.value)));
  const main = Number(across.value);
  const outer = axes.map((_, axis) => axis).filter((axis) => axis !== main);
  const columns = [...new Set(chosen.map((cell) => cell.at[main]))].sort((a, b) => a - b);
  const rows = new Map();
  for (const cell of chosen) {
    const label = outer.map((axis) => (outer.length > 1 ? "" : axes[axis].lead) + axes[axis].values[cell.at[axis]]).join(", ");
    if (!rows.has(label)) rows.set(label, []);
    rows.get(label).push(cell);
  }
  const flows = rows.size === 1 && columns.length > FLOW;
  grid.classList.toggle("flow", flows);
  grid.style.gridTemplateColumns = flows ? "" : `max-content repeat(${columns.length}, var(--cell))`;
  grid.replaceChildren();
  if (flows) grid.append(...chosen.map((cell) => figure(cell, point(cell))));
  else {
    const corner = outer.length > 1 ? outer.map((axis) => axes[axis].name).join(", ") : "";
    grid.append(el("b", { className: "down quiet" }, corner), ...columns.map((value) => el("b", { className: "across" }, axes[main].lead + axes[main].values[value])));
    for (const [label, row] of rows) {
      const placed = new Map(row.map((cell) => [cell.at[main], cell]));
      grid.append(el("b", { className: "down" }, label), ...columns.map((value) => (placed.has(value) ? figure(placed.get(value)) : el("span"))));
    }
  }
  count.textContent = counted(chosen, cells);
  remember();
}

let compared = null;

function remember() {
  memory.write([...filters.map((select, axis) => ["is " + axes[axis].name, select.value]), ["across", across.value === String(longest) ? "" : across.value], ["compare", compared && compared.join("-")]]);
}

/** The picture itself where it lies beside the page, else the one in the page. */
function whole(cell) {
  return el("img", { src: cell.address, alt: point(cell), onerror: ({ target }) => { target.onerror = null; target.src = cell.pixels; } });
}

/** Two cells laid over each other, and all that they were drawn by otherwise. */
function compare(left, right) {
  compared = [left, right];
  const [first, second] = [cells[left], cells[right]];
  const choice = (value, words, chosen) => el("select", { ariaLabel: words, onchange: ({ target }) => chosen(Number(target.value)) }, ...cells.map((cell, place) => el("option", { value: place, selected: place === value }, point(cell))));
  const slide = el("div", { className: "slide" }, whole(second), whole(first), el("i"));
  const move = (at) => slide.style.setProperty("--at", at + "%");
  slide.style.setProperty("--ratio", Math.max(first.size[0] / first.size[1], second.size[0] / second.size[1]));
  slide.append(el("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, autofocus: true, ariaLabel: "From the right picture to the left one", oninput: ({ target }) => move(target.value) }));
  move(50);
  const names = [...new Set([...Object.keys(first.facts), ...Object.keys(second.facts)])].filter((name) => first.facts[name] !== second.facts[name]);
  const side = (cell) =>
    el(
      "div",
      {},
      el("a", { href: cell.address, target: "_blank" }, cell.file),
      el("pre", {}, cell.text),
      copying("Copy the statement", cell.text),
      planned(cell.plan),
    );
  viewer.replaceChildren(
    el(
      "div",
      { className: "bar" },
      choice(left, "Left", (value) => compare(value, right)),
      el("button", { textContent: "⇄", ariaLabel: "Swap", onclick: () => compare(right, left) }),
      choice(right, "Right", (value) => compare(left, value)),
      el("button", { textContent: "Close", onclick: () => viewer.close() }),
    ),
    slide,
    names.length ? table(names.map((name) => [name, first.facts[name] || "–", second.facts[name] || "–"])) : el("p", { className: "quiet" }, "Both were drawn by the same."),
    el("div", { className: "two" }, side(first), side(second)),
  );
  if (!viewer.open) viewer.showModal();
  remember();
}

viewer.onclose = () => { compared = null; remember(); };
const asked = memory.read();
const wanted = (asked.get("compare") || "").split("-").map(Number);
filters.forEach((select, axis) => (select.value = asked.get("is " + axes[axis].name) || ""));
across.value = asked.get("across") || longest;
document.body.style.setProperty("--first", `url("${cells[0].pixels}")`);
document.body.append(
  el(
    "header",
    {},
    el("div", { className: "bar" }, el("h1", {}, data.title), count),
    ...data.words.filter(Boolean).map((words, place) => el("p", { className: place ? "quiet" : "" }, place ? `without ${words}` : words)),
    el("p", { className: "quiet" }, Object.entries(data.shared).map(([name, value]) => `${name} ${value}`).join("  ·  ")),
    el("div", { className: "bar" }, ...filters, axes.length > 1 ? across : null, el("label", {}, "size", size), difference),
    el("p", { className: "quiet" }, "A click lays a picture over the first one."),
  ),
  el("main", {}, grid),
  viewer,
);
size.value = fitting(Math.min(axes[Number(across.value)].values.length, axes.length > 1 ? Infinity : FLOW));
resize();
lay();
if (cells[wanted[0]] && cells[wanted[1]]) compare(...wanted);
