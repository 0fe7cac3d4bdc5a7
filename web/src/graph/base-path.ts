/** The path that the server stands under, `/` or `/shop/`: the gateway writes it into `index.html`, see `gateway/page-index.ts`. */

/** With a slash at both ends. */
export const basePath: string =
  typeof document === 'undefined'
    ? '/'
    : (document.querySelector<HTMLMetaElement>('meta[name="base-path"]')?.content ?? '/');

/** The name in the browser's storage, which several servers under one origin share: a token is for one of them. */
export function storageName(name: string): string {
  return basePath === '/' ? name : `${name} ${basePath}`;
}
