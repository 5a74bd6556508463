/** Elements: made by name, with attributes and children. */

type Attributes = Readonly<Record<string, string>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** Of a drawing. */
export function shape<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** An element of the page that is there. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found;
}

/** Sets the text where it is another one: what did not change is not announced again. */
export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** So many colours there are; consumers beyond them share one, and are told apart by their names. */
const COLOUR_COUNT = 8;

/** The class that gives a consumer its colour: `c3` has the third. */
export function colourOf(consumer: string): string {
  const number = Number(/\d+/.exec(consumer)?.[0] ?? 1);
  return `colour-${((number - 1) % COLOUR_COUNT) + 1}`;
}

function filled<E extends Element>(made: E, attributes: Attributes, children: readonly (Node | string)[]): E {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
