/** A file that the page makes and the reader keeps. It is offered only when it is whole. */

/** Text is handed to the browser in blocks of about so many characters: it keeps them outside the page's memory, large ones on disk. */
const BLOCK = 1_000_000;
/** How long the browser may take to begin reading the file, in ms. */
const KEPT_MS = 60_000;

export class Download {
  readonly #type: string;
  readonly #blocks: Blob[] = [];
  #texts: string[] = [];
  #length = 0;

  /** @param type its media type */
  constructor(type: string) {
    this.#type = type;
  }

  add(text: string): void {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length >= BLOCK) this.#close();
  }

  /** Offers the file under this name, as a link would that is clicked. */
  save(name: string): void {
    this.#close();
    const url = URL.createObjectURL(new Blob(this.#blocks, { type: this.#type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
  }

  #close(): void {
    this.#blocks.push(new Blob(this.#texts));
    this.#texts = [];
    this.#length = 0;
  }
}
