// What pictures differ in, in few words.

export interface Picture {
  url: string;
  name: string;
  statement: string;
  point: string; // where in a sweep it stands
  facts: Record<string, string>;
  page: boolean; // a sheet of the others
  seconds?: number;
}

export interface Difference { name: string; first: string; second: string }

const FEW = 3; // differences that a caption names

/** Everything two pictures are not drawn alike by. */
export function differences(first: Picture, second: Picture): Difference[] {
  const names = [...new Set([...Object.keys(first.facts), ...Object.keys(second.facts)])];
  return names
    .map((name) => ({ name, first: first.facts[name] ?? "", second: second.facts[name] ?? "" }))
    .filter((each) => each.first !== each.second);
}

/** The caption of a picture among those of its statement; of one alone, what changed since the picture before. */
export function caption(picture: Picture, beside: Picture[], before: Picture | undefined): string {
  if (picture.page) return "all of them";
  if (picture.point) return picture.point;
  const others = beside.filter((each) => each !== picture && !each.page);
  if (others.length) {
    const names = new Set(others.flatMap((each) => differences(picture, each).map((one) => one.name)));
    const words = [...names].map((name) => valued(name, picture.facts[name] ?? ""));
    return words.join(" · ") || "the same as beside it";
  }
  if (!before) return ["seed", "steps", "sampler"].filter((name) => picture.facts[name]).map((name) => valued(name, picture.facts[name]!)).join(" · ");
  const changed = differences(before, picture);
  const more = changed.length - FEW;
  return [...changed.slice(0, FEW).map(said), more > 0 ? `and ${more} more` : ""].filter(Boolean).join(" · ") || "the same as before";
}

/** `guidance 4 → 7`; of words only those that changed. */
export function said({ name, first, second }: Difference): string {
  if (!isWords(name)) return `${name} ${first || "none"} → ${second || "none"}`;
  const [gone, come] = apart(first, second);
  const side = name === "prompt" ? "" : "not: ";
  if (!gone) return `${side}+ ${come}`;
  return come ? `${side}${gone} → ${come}` : `${side}− ${gone}`;
}

const isWords = (name: string): boolean => name === "prompt" || name === "negative prompt";
const valued = (name: string, value: string): string => (isWords(name) ? shortened(value) : `${name} ${value || "none"}`);
const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** What two texts do not share at their start and end, in whole words. */
function apart(first: string, second: string): [string, string] {
  const one = first.split(" ").filter(Boolean);
  const two = second.split(" ").filter(Boolean);
  while (one.length && two.length && one[0] === two[0]) (one.shift(), two.shift());
  while (one.length && two.length && one.at(-1) === two.at(-1)) (one.pop(), two.pop());
  return [shortened(one.join(" ")), shortened(two.join(" "))];
}
