/** Silent recorder: for what runs for hours, where a history would grow with every event. */
export const SILENT_RECORDER = {
  record: (): void => {},
  written: (): null => null,
  flush: (): void => {},
  close: (): void => {},
  abandon: (): void => {},
};
