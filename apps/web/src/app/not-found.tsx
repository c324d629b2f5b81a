import Link from 'next/link';

export default function NotFound() {
  return (
    <main className="flex h-dvh flex-col items-center justify-center gap-2">
      <h1 className="text-xl font-semibold tracking-tight">There is no such page</h1>
      <p className="text-sm text-ink-3">The address may be of an older version.</p>
      <Link href="/" className="mt-3 font-medium underline underline-offset-2">
        Go to the map
      </Link>
    </main>
  );
}
