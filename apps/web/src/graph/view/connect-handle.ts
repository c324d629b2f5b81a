import type { Point } from '../layout/geometry.ts';
import { labelOf, type ElementKey } from '../model/element-key.ts';

/** The handle to drag from, and the note beside the pointer: plain elements above the canvas. */
export class ConnectHandle {
  readonly #button: HTMLButtonElement;
  readonly #note: HTMLDivElement;
  #key: ElementKey | undefined;

  constructor(parent: HTMLElement, onPress: (key: ElementKey, at: Point, event: PointerEvent) => void) {
    this.#button = document.createElement('button');
    this.#button.type = 'button';
    this.#button.tabIndex = -1;
    this.#button.className = 'fl-handle';
    this.#button.dataset['testid'] = 'connect-handle';
    this.#button.hidden = true;
    this.#button.addEventListener('pointerdown', (event) => {
      if (this.#key === undefined || event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      onPress(this.#key, { x: event.clientX, y: event.clientY }, event);
    });
    this.#note = document.createElement('div');
    this.#note.className = 'fl-note';
    this.#note.dataset['testid'] = 'gesture-note';
    this.#note.hidden = true;
    parent.append(this.#button, this.#note);
  }

  /** The element whose handle is shown. */
  get key(): ElementKey | undefined {
    return this.#key;
  }

  /** Shows the handle of an element at a point of the container, or hides it. */
  show(key: ElementKey | undefined, at?: Point): void {
    this.#key = key;
    this.#button.hidden = key === undefined || at === undefined;
    if (key === undefined || at === undefined) return;
    this.#button.setAttribute('aria-label', `Connect ${labelOf(key)} to…`);
    this.#button.title = 'Drag to a domain, or click and then click a domain';
    this.#button.dataset['key'] = key;
    this.#button.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
  }

  /** Says something beside the pointer, or nothing. */
  note(text: string | undefined, at?: Point, tone: 'legal' | 'illegal' = 'legal'): void {
    this.#note.hidden = text === undefined || at === undefined;
    if (text === undefined || at === undefined) return;
    this.#note.textContent = text;
    this.#note.dataset['tone'] = tone;
    this.#note.style.transform = `translate(${Math.round(at.x + 16)}px, ${Math.round(at.y + 18)}px)`;
  }

  /** True where an event is on the handle. */
  contains(target: EventTarget | null): boolean {
    return target instanceof Node && this.#button.contains(target);
  }
}
