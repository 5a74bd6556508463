/** What a live page is told, and what it may ask for: the whole state each time, so that a page that lags loses nothing. */
import type { VerdictStatus } from '../../../shared/model/verdict';
import type { Picture } from './picture';

export interface SideVerdict {
  readonly status: VerdictStatus;
  /** As the terminal prints them. */
  readonly lines: readonly string[];
  /** Commands that show more. */
  readonly next: readonly string[];
}

/** One run on the page. */
export interface SideState {
  readonly picture: Picture;
  /** null: not over. */
  readonly verdict: SideVerdict | null;
}

/** A consumer that works on at least one side. */
export interface PageConsumer {
  readonly name: string;
  readonly isPaused: boolean;
  readonly isSlow: boolean;
}

interface StateBase {
  readonly sides: readonly SideState[];
  /** The run broke, and why; null: it did not. */
  readonly failure: string | null;
}

export interface LiveState extends StateBase {
  readonly mode: 'live';
  /** finishing: the load is over, and what is in hand is brought to its end. */
  readonly phase: 'waiting' | 'running' | 'finishing' | 'over';
  readonly consumers: readonly PageConsumer[];
}

export interface ReplayState extends StateBase {
  readonly mode: 'replay';
  readonly phase: 'playing' | 'halted' | 'over';
  /** Records of the history so far, and all of them. */
  readonly position: number;
  readonly recordCount: number;
  /** Steps in a second while it plays. */
  readonly rate: number;
}

export type PageState = LiveState | ReplayState;

export const LIVE_COMMANDS = ['add', 'finish', 'again'] as const;
export const CONSUMER_COMMANDS = ['remove', 'kill', 'pause', 'slow-down', 'release'] as const;
export const REPLAY_COMMANDS = ['play', 'halt', 'step', 'next-swap', 'rewind', 'faster', 'slower'] as const;

type ConsumerCommand = (typeof CONSUMER_COMMANDS)[number];

export type PageCommand =
  | { readonly command: (typeof LIVE_COMMANDS)[number] }
  | { readonly [Name in ConsumerCommand]: { readonly command: Name; readonly consumer: string } }[ConsumerCommand]
  | { readonly command: (typeof REPLAY_COMMANDS)[number] };
