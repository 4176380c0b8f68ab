/** What an answer is made of, before any DOM. Places in the source are UTF-16 units here. */

/** `open`: more may come. `cut`: it ended before its time. `whole`: it ended. */
export type End = 'open' | 'cut' | 'whole';

/** Text as it stands in the source, and where. */
export type Part = [at: number, text: string];

export interface Leaf {
  text: string;
  /** Where it begins in the source. */
  at: number;
  /** How long it is there: longer than `text` where that stands for an entity. */
  size: number;
  /** Nothing that is still to come changes it. */
  done?: boolean;
}

export interface Branch {
  /** The name of its element. */
  tag: string;
  /** Empty ones are left out. */
  attributes?: Record<string, string>;
  children: Tree[];
  done?: boolean;
  /** What its children are made of, if it holds text and no blocks. */
  parts?: Part[];
}

export interface Block extends Branch {
  /** Of a list: what its marks look like. */
  kind?: string;
  /** Of a list's item, the columns that its further lines are moved in; of code, those that are taken off. */
  indent?: number;
  /** Of code: the marks that opened it. */
  fence?: string;
  /** Of a table: how its columns are aligned. */
  columns?: string[];
}

export type Tree = Leaf | Branch;

/** Something in a text that is more than its characters. */
export interface Item {
  from: number;
  to: number;
  /** What stands there in its place. */
  text?: string;
  /** How many branches end here. */
  closes: number;
  /** Branches that begin here, the innermost first. */
  opens: Branch[];
  /** Of a mark of emphasis: what it is made of, and how much of it is text. */
  sign?: string;
  left: number;
  canOpen?: boolean;
  canClose?: boolean;
}
