/** A plane with two members on it. */
export function Logo() {
  return (
    <svg viewBox="0 0 24 24" className="size-5 shrink-0" fill="none" aria-hidden>
      <path
        d="M12 3.5 22 12l-10 8.5L2 12Z"
        className="fill-ink/8 stroke-ink"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
      <path d="M7.5 12h9" className="stroke-ink" strokeWidth="1.6" />
      <circle cx="7.5" cy="12" r="2.2" fill="var(--hue-0)" />
      <circle cx="16.5" cy="12" r="2.2" fill="var(--hue-1)" />
    </svg>
  );
}
