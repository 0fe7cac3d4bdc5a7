/** How far a command is: a bar on a terminal, a plain line now and then anywhere else. On stderr: stdout is for results. */
import { SingleBar } from 'cli-progress';

export interface ProgressBar {
  /** `label` names what is being done. `total` may grow. */
  update(label: string, done: number, total: number): void;
  end(): void;
}

/** Plain lines come at each new label, and at each of so many parts of the whole. */
const PLAIN_PARTS = 4;

export function createProgressBar(stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  return stream.isTTY ? barOn(stream) : linesOn(stream);
}

function barOn(stream: NodeJS.WriteStream): ProgressBar {
  const bar = new SingleBar({
    stream,
    format: '{label} [{bar}] {value}/{total} {percentage}%',
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    hideCursor: true,
    clearOnComplete: false,
    // Ctrl-C is for `interruptible`, which lets the command end.
    gracefulExit: false,
  });
  let started = false;
  return {
    update(label, done, total) {
      if (!started) bar.start(total, done, { label: label.padEnd(14) });
      started = true;
      bar.setTotal(total);
      bar.update(done, { label: label.padEnd(14) });
    },
    end() {
      if (started) bar.stop();
    },
  };
}

function linesOn(stream: NodeJS.WriteStream): ProgressBar {
  let last = '';
  return {
    update(label, done, total) {
      const part = total === 0 ? 0 : Math.floor((PLAIN_PARTS * done) / total);
      if (`${label} ${part}` === last) return;
      last = `${label} ${part}`;
      stream.write(`${label}: ${done} of ${total}\n`);
    },
    end() {},
  };
}
