/** Exports what a list shows, with its filter: as a file for spreadsheets, as plain CSV or as NDJSON. */
import { useEffect, useId, useRef, useState } from 'react';
import { DECIMAL_COMMA, PLAIN, SPREADSHEET } from '../../../export/csv';
import { type ExportKindName, exportKinds } from '../../../export/kinds';
import { readExport } from '../../../export/read-export';
import type { ExportFormat } from '../../../export/table';
import { exportSource } from '../graph/export-source';
import { dayAt, pageTimeZone } from '../text/days';
import { Download } from './download';
import { Choice } from './field';
import { Icon, Spinner } from './icons';

type FormatName = 'spreadsheet' | 'csv' | 'ndjson';
const formats: readonly (readonly [FormatName, string])[] = [
  ['spreadsheet', 'Spreadsheet'],
  ['csv', 'CSV'],
  ['ndjson', 'NDJSON'],
];

/** Spreadsheets are set to the reader's country, as the browser is. */
const spreadsheet = () =>
  new Intl.NumberFormat().format(1.5).includes(',') ? { ...SPREADSHEET, ...DECIMAL_COMMA } : SPREADSHEET;

function formatOf(name: FormatName): ExportFormat {
  if (name === 'ndjson') return { as: 'ndjson' };
  return { as: 'csv', dialect: name === 'spreadsheet' ? spreadsheet() : PLAIN };
}

export interface ExportMenuProps {
  /** What can be exported of the list, with words for each; the first is chosen. */
  readonly kinds: readonly [readonly [ExportKindName, string], ...(readonly (readonly [ExportKindName, string])[])];
  /** The list's filter, as the API wants it. */
  readonly filter: Readonly<Record<string, unknown>>;
  /** How many entities the list has. */
  readonly total: number;
}

export function ExportMenu({ kinds, filter, total }: ExportMenuProps) {
  const id = useId();
  const toggle = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState(kinds[0][0]);
  const [format, setFormat] = useState<FormatName>('spreadsheet');
  const [running, setRunning] = useState<AbortController | null>(null);
  const [share, setShare] = useState(0);
  const [problem, setProblem] = useState<string | null>(null);
  // Who goes to another page does not wait for it any more.
  useEffect(() => () => running?.abort(), [running]);

  const start = async () => {
    const controller = new AbortController();
    setRunning(controller);
    setProblem(null);
    setShare(0);
    try {
      await exportToFile(kind, formatOf(format), filter, controller.signal, setShare);
      setOpen(false);
    } catch (error) {
      if (!controller.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
    }
    setRunning(null);
  };
  const percent = `${Math.floor(100 * share)} %`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes it from wherever the focus is within
    <div
      className="export"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        setOpen(false);
        toggle.current?.focus();
      }}
    >
      <button
        type="button"
        ref={toggle}
        disabled={total === 0 && running === null}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {running === null ? <Icon name="download" size={16} /> : <Spinner />}
        {running === null ? <span className="export-word">Export</span> : percent}
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: choices and a button, of which nothing is submitted */}
      <div id={id} className="export-panel" role="group" aria-label="Export" hidden={!open}>
        {kinds.length > 1 ? <Choice label="What" value={kind} options={kinds} onChoose={setKind} /> : null}
        <Choice label="File" value={format} options={formats} onChoose={setFormat} />
        {problem === null ? null : (
          <p className="problem" role="alert">
            The export failed, and there is no file: {problem}
          </p>
        )}
        {running === null ? (
          <button type="button" className="primary" onClick={() => void start()}>
            Download
          </button>
        ) : (
          <button type="button" onClick={() => running.abort()}>
            Stop at {percent}
          </button>
        )}
      </div>
    </div>
  );
}

/** Resolves when the file has been offered. @throws what is in the way, or the signal's reason: then there is no file */
async function exportToFile(
  name: ExportKindName,
  format: ExportFormat,
  filter: ExportMenuProps['filter'],
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<void> {
  const file = new Download(format.as === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson');
  for await (const { texts, done, total } of readExport(exportSource(signal), {
    kinds: [exportKinds[name]],
    format,
    filter,
  })) {
    for (const text of texts) file.add(text);
    onShare(done / Math.max(total, 1));
  }
  signal.throwIfAborted();
  file.save(`${name}-${dayAt(Date.now(), pageTimeZone())}.${format.as}`);
}
