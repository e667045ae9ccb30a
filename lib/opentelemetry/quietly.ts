/** Whatever watches may not break what it watches: processors and exporters are not ours. */
export function quietly(watch: () => void): void {
  try {
    watch();
  } catch {
    // There is nobody to tell: who would is who failed.
  }
}
