/** The image of a release that has all programs of the installed pods, as `npm run image` makes it. */
export function flatlandImage(version: string): string {
  return `flatland.dev/flatland:${version}`;
}
