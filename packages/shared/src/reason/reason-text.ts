/** Text of a reason: what is the case, and the next action. `title` fits a table cell. */
export interface ReasonText {
  readonly title: string;
  readonly text: string;
  readonly next: string;
}
