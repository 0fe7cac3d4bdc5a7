/**
 * Bounds what one WebSocket may make this process hold. A reader that does not read is cut off with 1013: its
 * subscriptions wait with the newest state of each entity until then, and what waits in the socket itself has a limit.
 */
import { randomBytes } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { TokenBuckets } from './token-bucket.ts';
import type { UnreadAnswers } from './unread-answers.ts';

export interface SocketTimes {
  /** How long a WebSocket may take until `connection_init`, in ms. */
  readonly initWithinMs: number;
  /** A ping that has not been answered by the next one ends the WebSocket, in ms. */
  readonly pingEveryMs: number;
}

export const SOCKET_TIMES: SocketTimes = { initWithinMs: 5_000, pingEveryMs: 15_000 };
/** Bytes that wait to be read by the other end: above what one answer has. */
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Bytes of a message before it is known who asks: room for a token. */
export const MAX_BYTES_BEFORE_INIT = 16 * 1024;
/** Bytes of all that comes before it is known who asks, frames and parts of messages that have not ended included. */
export const MAX_BYTES_RECEIVED_BEFORE_INIT = 4 * MAX_BYTES_BEFORE_INIT;
/** Pings and pongs of a client, of the protocol and of WebSocket itself, and its messages before it is known who asks. */
export const MAX_PINGS_PER_MINUTE = 120;
/** A ping's payload comes back with the pong up to so many characters, and only to who has been let in. */
const MAX_ECHO = 1_024;
const CUT_OFF_WITHIN_MS = 2_000;
/** Close codes of WebSocket itself (RFC 6455, IANA's registry). */
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

export class SocketGuard {
  readonly #socket: WebSocket;
  readonly #pings = new TokenBuckets();
  readonly #unread: UnreadAnswers;
  readonly #onCutOff: (waiting: number) => void;
  #acknowledged = false;
  #received = 0;
  #asker: string | undefined;
  /** What the last ping holds that has not been answered. */
  #unanswered: Buffer | undefined;

  /** `onCutOff` is told once that the other end does not read. The socket must be made with `autoPong: false`. */
  constructor(
    socket: WebSocket,
    { pingEveryMs }: SocketTimes,
    unread: UnreadAnswers,
    onCutOff: (waiting: number) => void,
  ) {
    this.#socket = socket;
    this.#unread = unread;
    this.#onCutOff = onCutOff;
    const timer = setInterval(() => this.#ping(), pingEveryMs);
    socket.once('close', () => clearInterval(timer));
    socket.on('ping', (data: Buffer) => {
      // Unread pongs would pile up: WebSocket itself answers each ping.
      if (this.#mayPing() && socket.bufferedAmount < MAX_WAITING_BYTES) socket.pong(data);
    });
    socket.on('pong', (data: Buffer) => {
      // A pong that nobody asked for tells nothing of what the other end has read.
      if (this.#unanswered?.equals(data)) this.#unanswered = undefined;
      else this.#mayPing();
    });
  }

  /** It is known who asks, and in whose share what waits counts: see `UnreadAnswers`. */
  acknowledge(asker: string | undefined): void {
    this.#acknowledged = true;
    this.#asker = asker;
  }

  /** Bytes that have come on the connection: a message is known only when its end has come. */
  received(bytes: number): void {
    if (this.#acknowledged) return;
    this.#received += bytes;
    if (this.#received <= MAX_BYTES_RECEIVED_BEFORE_INIT) return;
    this.close(TOO_BIG, 'too much was sent before connection_init');
    // Nothing more of it is taken in until it ends.
    this.#socket.pause();
  }

  /** Closes the WebSocket, also when the other end does not close it in turn: what it has sent is held until then. */
  close(code: number, reason?: string): void {
    this.#socket.close(code, reason);
    endSoon(this.#socket);
  }

  /** Whether a message may be looked into; else the socket is being closed. */
  mayTake(message: RawData): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#acknowledged) return true;
    if (!this.#mayPing()) return false;
    if (lengthOf(message) <= MAX_BYTES_BEFORE_INIT) return true;
    this.close(TOO_BIG, 'too large a message before connection_init');
    return false;
  }

  /** The pong for a ping of the protocol; undefined when there were too many. */
  pongFor(payload: unknown): string | undefined {
    if (this.#acknowledged && !this.#mayPing()) return undefined;
    if (payload === undefined || !this.#acknowledged) return '{"type":"pong"}';
    const pong = JSON.stringify({ type: 'pong', payload });
    return pong.length <= MAX_ECHO ? pong : '{"type":"pong"}';
  }

  /** Resolves when the message has left, so that a slow client's subscription is asked for its next event later. */
  send(message: string): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) return resolve();
      if (socket.bufferedAmount > MAX_WAITING_BYTES) {
        this.#cutOff();
        return resolve();
      }
      const held = this.#unread.hold(this.#asker, Buffer.byteLength(message), () => this.#cutOff());
      if (held === undefined) {
        this.#cutOff();
        return resolve();
      }
      socket.send(message, (error) => {
        held.end();
        // The other end has gone without a word: that is the end of the connection, and nobody's mistake.
        if (error) socket.terminate();
        resolve();
      });
      return undefined;
    });
  }

  #mayPing(): boolean {
    if (this.#pings.take('', MAX_PINGS_PER_MINUTE) === 0) return true;
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    this.close(POLICY_VIOLATION, 'too many pings');
    return false;
  }

  #ping(): void {
    const socket = this.#socket;
    if (this.#unanswered === undefined) {
      // Random: who does not read cannot know what to answer.
      this.#unanswered = randomBytes(8);
      socket.ping(this.#unanswered);
    } else if (socket.bufferedAmount > 0) this.#cutOff();
    else socket.terminate();
  }

  #cutOff(): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    this.#onCutOff(socket.bufferedAmount);
    this.close(TRY_AGAIN_LATER, 'what is sent is read too slowly: come back, and read again what you show');
  }
}

/** The close frame waits behind what is not read: nothing is held for longer. */
function endSoon(socket: WebSocket): void {
  const timer = setTimeout(() => socket.terminate(), CUT_OFF_WITHIN_MS);
  socket.once('close', () => clearTimeout(timer));
}

function lengthOf(message: RawData): number {
  if (Array.isArray(message)) return message.reduce((sum, part) => sum + part.length, 0);
  return message.byteLength;
}
