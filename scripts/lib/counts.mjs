/** The closing line of a test run, in the form that machines read: `N passed, N failed[, N skipped]`. */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Adds the counts of a part of a test run, {passed, failed, skipped}, to those of the whole. */
export function addCounts(totals, { passed, failed, skipped }) {
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
}
