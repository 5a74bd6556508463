/** Page session: what a page looks at, whether it happens now or happened before. */
import type { PageCommand, PageState } from './picture/page-state';

export interface PageSession {
  readonly state: PageState;
  /** A page looks. Idempotent. */
  opened(): void;
  /** Errors: HAND_REFUSED for what cannot be done now. */
  command(command: PageCommand): void;
  /** Nothing more is begun; resolves when what is under way is over. Throws what broke it. */
  end(): Promise<void>;
}
