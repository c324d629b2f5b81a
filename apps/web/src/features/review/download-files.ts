import type { ExportedFile } from '@flatland/bff/api/change-set';

/** Hands files to the browser as one YAML stream, each file under its path. */
export function downloadFiles(title: string, files: readonly ExportedFile[]): void {
  const text = files.map((file) => `# ${file.path}\n${file.text.trimEnd()}\n`).join('---\n');
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 60)}.yaml`;
  link.click();
  URL.revokeObjectURL(url);
}
