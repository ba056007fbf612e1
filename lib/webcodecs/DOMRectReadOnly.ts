import * as webidl from '../webidl';
import { type DOMRectInit, toDOMRectInit } from '../webidl/generated/dictionaries';

const constructor = webidl.constructorContext('DOMRectReadOnly');

/** https://drafts.fxtf.org/geometry/#DOMRect: what codedRect and visibleRect are. Node has no geometry of its own. */
export class DOMRectReadOnly {
  static {
    webidl.defineInterface('DOMRectReadOnly', this, (value) => #x in value);
  }

  readonly #x: number;
  readonly #y: number;
  readonly #width: number;
  readonly #height: number;

  constructor(x = 0, y = 0, width = 0, height = 0) {
    this.#x = webidl.unrestrictedDouble(x, constructor);
    this.#y = webidl.unrestrictedDouble(y, constructor);
    this.#width = webidl.unrestrictedDouble(width, constructor);
    this.#height = webidl.unrestrictedDouble(height, constructor);
  }

  static fromRect(other?: Partial<DOMRectInit>): DOMRectReadOnly {
    const { x, y, width, height } = toDOMRectInit(other, webidl.operationContext('fromRect', 'DOMRectReadOnly'));
    return new DOMRectReadOnly(x, y, width, height);
  }

  get x(): number {
    return this.#x;
  }

  get y(): number {
    return this.#y;
  }

  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  get top(): number {
    return Math.min(this.#y, this.#y + this.#height);
  }

  get right(): number {
    return Math.max(this.#x, this.#x + this.#width);
  }

  get bottom(): number {
    return Math.max(this.#y, this.#y + this.#height);
  }

  get left(): number {
    return Math.min(this.#x, this.#x + this.#width);
  }

  toJSON(): Record<string, number> {
    const { top, right, bottom, left } = this;
    return { x: this.#x, y: this.#y, width: this.#width, height: this.#height, top, right, bottom, left };
  }
}

declare module '../webidl/types' {
  interface InterfaceTypes {
    DOMRectReadOnly: DOMRectReadOnly;
  }
}
