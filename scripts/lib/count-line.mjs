/** The closing line of a test run, in the form that machines read: `N passed, N failed[, N skipped]`. */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
