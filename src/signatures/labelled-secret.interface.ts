/** A signing secret and the name it has in logs and in `context.secretLabel`. */
export interface LabelledSecret {
  readonly label: string;
  readonly value: string;
}
