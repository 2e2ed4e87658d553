const PORTION = 120; // pictures that are put on the page at a time
const MOST = 200; // values of a filter
const pictures = data.pictures;
pictures.forEach((each) => (each.words = `${each.file}\n${each.text}\n${each.facts.prompt || ""}`.toLowerCase()));

const search = el("input", { id: "search", type: "search", placeholder: "Words, clip-skip:2, or -without", ariaLabel: "Search" });
const order = el("select", { ariaLabel: "Order" }, el("option", { value: "" }, "by name"), el("option", { value: "new" }, "newest first"));
const count = el("span", { className: "quiet", role: "status" });
const grid = el("section", { id: "pictures", ariaLabel: "Pictures" });
const none = el("p", { id: "none", className: "quiet", textContent: "No picture is like that." });
const end = el("div");
const viewer = el("dialog", { tabIndex: -1, onclose: () => ((opened = ""), remember()) });
const filters = new Map();
const watcher = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && drawn < shown.length && more(), { rootMargin: "1200px" });

/** A filter for every fact that pictures differ in. */
function makeFilters() {
  const values = new Map();
  for (const each of pictures)
    for (const [name, value] of Object.entries(each.facts)) {
      if (!values.has(name)) values.set(name, new Map());
      values.get(name).set(value, (values.get(name).get(value) || 0) + 1);
    }
  for (const [name, found] of values) {
    if (name.includes("prompt") || found.size > MOST) continue;
    if (found.size === 1 && [...found.values()][0] === pictures.length) continue;
    const sorted = [...found].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
    const options = sorted.map(([value, times]) => el("option", { value }, `${name}: ${value} (${times})`));
    filters.set(name, el("select", { ariaLabel: name, onchange: changed }, el("option", { value: "" }, `${name}: any`), ...options));
  }
}

/** Whether a picture has a word of the search: `name:value` asks for a fact. */
function has(picture, word) {
  if (word.length > 1 && word.startsWith("-")) return !has(picture, word.slice(1));
  const colon = word.indexOf(":");
  const name = colon > 0 ? word.slice(0, colon).replace(/^\//, "") : "";
  for (const each of name ? Object.keys(picture.facts) : []) {
    const plain = each.toLowerCase();
    if ([plain, plain.replaceAll(" ", "-"), plain.replaceAll(" ", "")].includes(name)) return picture.facts[each].toLowerCase() === word.slice(colon + 1);
  }
  return picture.words.includes(word);
}

let shown = [];
let drawn = 0;
let opened = "";

function remember() {
  const chosen = [...filters].map(([name, select]) => ["is " + name, select.value]);
  memory.write([["search", search.value], ["order", order.value], ...chosen, ["open", opened]]);
}

function changed() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = [...filters].filter(([, select]) => select.value);
  shown = pictures.filter((each) => chosen.every(([name, select]) => each.facts[name] === select.value) && words.every((word) => has(each, word)));
  if (order.value) shown = [...shown].sort((a, b) => b.time - a.time);
  grid.replaceChildren();
  drawn = 0;
  more();
  none.hidden = shown.length > 0;
  count.textContent = counted(shown, pictures);
  remember();
}

function more() {
  const next = shown.slice(drawn, drawn + PORTION);
  const first = drawn;
  drawn += next.length;
  grid.append(
    ...next.map((each, place) =>
      el("button", { title: each.file, onclick: () => open(first + place) }, el("img", { loading: "lazy", decoding: "async", alt: "", src: each.address }), el("span", {}, each.facts.prompt || each.text || each.file), each.point && el("small", {}, each.point)),
    ),
  );
  watcher.unobserve(end);
  watcher.observe(end); // which tells anew whether it is near
}

function open(place) {
  const each = shown[place];
  const step = (by) => el("button", { textContent: by < 0 ? "←" : "→", ariaLabel: by < 0 ? "The one before" : "The next one", disabled: !shown[place + by], onclick: () => open(place + by) });
  viewer.replaceChildren(
    el("div", { className: "bar" }, el("span", { className: "bar" }, step(-1), step(1), el("b", {}, each.file)), el("button", { textContent: "Close", onclick: () => viewer.close() })),
    el(
      "div",
      { className: "two" },
      el("a", { href: each.address, target: "_blank" }, el("img", { src: each.address, alt: each.facts.prompt || "" })),
      el(
        "div",
        {},
        each.text ? el("pre", {}, each.text) : el("p", { className: "quiet" }, "It says nothing about how it was made."),
        each.text ? el("span", {}, copying("Copy the statement", each.text)) : null,
        table([...(each.program ? [["made by", each.program]] : []), ...Object.entries(each.facts)]),
        each.plan === null ? null : planned(data.plans[each.plan]),
      ),
    ),
  );
  viewer.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && shown[place + by]) open(place + by);
  };
  if (!viewer.open) viewer.showModal();
  viewer.focus(); // the arrow that was pressed is gone
  opened = each.file;
  remember();
}

makeFilters();
const asked = memory.read();
search.value = asked.get("search") || "";
order.value = asked.get("order") || "";
for (const [name, select] of filters) select.value = asked.get("is " + name) || "";
search.oninput = order.onchange = changed;
const clear = el("button", {
  textContent: "Clear",
  onclick: () => {
    for (const each of [search, ...filters.values()]) each.value = "";
    changed();
  },
});
document.body.append(
  el("header", {}, el("div", { className: "bar" }, el("h1", {}, data.title), count), el("div", { className: "bar" }, search, order, clear), el("div", { className: "bar" }, ...filters.values())),
  el("main", {}, grid, none, end),
  viewer,
);
changed();
const wanted = shown.findIndex((each) => each.file === asked.get("open"));
if (wanted >= 0) open(wanted);
