import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Download } from '@playwright/test';

/** Writes what the console let the browser download as the folders that it names, a folder for each cluster. Gives the paths. */
export async function saveExported(download: Download, directory: string): Promise<string[]> {
  const text = await readFile(await download.path(), 'utf8');
  const files = text.split(/^(?:---\n)?# (?=\S+\/\S+\.yaml$)/m).filter((part) => part !== '');
  return Promise.all(
    files.map(async (file) => {
      const end = file.indexOf('\n');
      const path = file.slice(0, end);
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), file.slice(end + 1));
      return path;
    }),
  );
}
