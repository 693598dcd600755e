/** Three that are linked, each with both others. */
export function Logo({ size = 40 }: { size?: number }) {
  return (
    <svg className="nx-logo" viewBox="0 0 40 40" width={size} height={size} aria-hidden="true">
      <path
        d="M20 8.5 9.5 28h21z"
        fill="none"
        stroke="currentColor"
        strokeWidth="3.2"
        strokeLinejoin="round"
      />
      <circle cx="20" cy="8.5" r="5" fill="currentColor" />
      <circle cx="9.5" cy="28.5" r="5" fill="currentColor" />
      <circle cx="30.5" cy="28.5" r="5" fill="currentColor" />
    </svg>
  );
}
