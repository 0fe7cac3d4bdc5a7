/** `BASE_PATH`: the server stands under a path of another's, such as `/shop/`, whether or not the proxy takes it away. */

/** @param base `/shop`, or empty. @returns the path of a URL as routes know it: what has no such path before it stays as it is */
export function withoutBase(base: string): (url: string) => string {
  if (base === '') return (url) => url;
  return (url) => {
    if (!url.startsWith(base)) return url;
    const rest = url.slice(base.length);
    if (rest === '' || rest.startsWith('?')) return `/${rest}`;
    return rest.startsWith('/') ? rest : url;
  };
}
