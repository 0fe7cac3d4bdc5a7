/**
 * The documentation as pages of HTML, which the server serves beside the web page: README.md and docs/, as they stand with this
 * version. Links between them lead from page to page; what is not served, such as a source file, is named without a link.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { Marked } from 'marked';
import { gfmHeadingId } from 'marked-gfm-heading-id';

export interface DocumentPage {
  /** In the folder of the documentation: `index.html`, `decisions/why-lmdb.html`. */
  readonly path: string;
  readonly html: string;
  /** Pictures that it shows, from the root of the repository. */
  readonly pictures: readonly string[];
}

const DOCS = 'docs/';
const START = 'README.md';

/** Where a source stands in the documentation: `docs/errors.md` → `errors.html`. Pictures keep their names. */
export const placeOf = (source: string): string =>
  source === START ? 'index.html' : source.slice(DOCS.length).replace(/\.md$/, '.html');

/** @param root the repository's folder */
export function documentation(root: string): DocumentPage[] {
  const found = readdirSync(join(root, DOCS), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(DOCS, name.replaceAll('\\', '/')))
    .filter((name) => name.endsWith('.md'));
  const sources = [START, ...found.sort()];
  const titles = new Map(sources.map((source) => [source, titleOf(readFileSync(join(root, source), 'utf8'))]));
  return sources.map((source) => pageOf(root, source, titles));
}

const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)?.[1] ?? 'Counterfoil';

function pageOf(root: string, source: string, titles: ReadonlyMap<string, string>): DocumentPage {
  const place = placeOf(source);
  const pictures: string[] = [];
  const to = (target: string) => posix.relative(posix.dirname(place), target);
  const marked = new Marked(gfmHeadingId(), {
    gfm: true,
    renderer: {
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const target = linkTo(source, href, titles, to);
        return target === undefined ? text : `<a href="${escaped(target)}">${text}</a>`;
      },
      image({ href, text }) {
        const picture = posix.join(posix.dirname(source), href);
        if (!picture.startsWith(DOCS) || !existsSync(join(root, picture))) return escaped(text);
        pictures.push(picture);
        return `<img src="${escaped(to(placeOf(picture)))}" alt="${escaped(text)}" loading="lazy" />`;
      },
      // A table may be wider than a phone.
      table(token) {
        const cells = (row: typeof token.header, tag: 'th' | 'td') =>
          row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('');
        const rows = token.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
        const head = `<thead><tr>${cells(token.header, 'th')}</tr></thead>`;
        return `<div class="wide" tabindex="0" role="region" aria-label="Table"><table>${head}<tbody>${rows}</tbody></table></div>`;
      },
    },
  });
  const body = marked.parse(readFileSync(join(root, source), 'utf8'), { async: false });
  const items = [...titles].map(([other, title]) => {
    const here = other === source ? ' aria-current="page"' : '';
    return `<li><a href="${to(placeOf(other))}"${here}>${escaped(title)}</a></li>`;
  });
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${escaped(titles.get(source) ?? '')} · Counterfoil</title>
<script src="${to('../theme.js')}"></script>
<link rel="icon" href="${to('../icon.svg')}" type="image/svg+xml" />
<link rel="stylesheet" href="${to('docs.css')}" />
</head>
<body>
<nav aria-label="Documentation">
<p><a href="${to('../index.html')}">Counterfoil</a></p>
<ul>
${items.join('\n')}
</ul>
</nav>
<main>
${body}</main>
</body>
</html>
`;
  return { path: place, html, pictures };
}

/** Where a link of a source leads; undefined: to nothing that is served. */
function linkTo(
  source: string,
  href: string,
  titles: ReadonlyMap<string, string>,
  to: (place: string) => string,
): string | undefined {
  if (href.startsWith('#') || /^https?:\/\//.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const target = posix.join(posix.dirname(source), path);
  if (!titles.has(target)) return undefined;
  return to(placeOf(target)) + (anchor === undefined ? '' : `#${anchor}`);
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
