/**
 * Markdown and the tree it is to make, written as in `trees.mjs`: `p(one |strong(two))`. The rules
 * are CommonMark's and, for tables and strikethrough, GitHub's; where the widget departs from them the
 * group says so.
 */

export const CORPUS = {
  'paragraphs and line ends': [
    ['one\ntwo\n\nthree', 'p(one⏎two) p(three)'],
    ['one  \n  two', 'p(one|⏎|two)'],
    ['one\\\ntwo', 'p(one|⏎two)'],
    ['Grüße 日本語 😀 **fett**', 'p(Grüße 日本語 😀 |strong(fett))'],
    ['one\r\ntwo\r\n\r\nthree\r\n', 'p(one|⏎two) p(three)'],
    ['', ''],
    ['\n\n  \n', ''],
  ],
  headings: [
    ['# One\n## Two ##\n###### Six', 'h3(One) h4(Two) h6(Six)'],
    ['text\n# One\ntext', 'p(text) h3(One) p(text)'],
    ['#none\n####### none', 'p(#none⏎####### none)'],
    ['# a#\n# *b*', 'h3(a#) h3(em(b))'],
  ],
  'a line of hyphens is a rule, not what makes a heading': [
    ['one\n---\ntwo\n===', 'p(one) hr() p(two⏎===)'],
    ['***\n- - -\n_ _ x', 'hr() hr() p(_ _ x)'],
  ],
  emphasis: [
    ['*a* _b_ **c** __d__ ***e*** ~~f~~', 'p(em(a)| |em(b)| |strong(c)| |strong(d)| |em(strong(e))| |s(f))'],
    ['2*3*4 snake_case_name 5 * 6', 'p(2|em(3)|4 snake_case_name 5 * 6)'],
    ['**open', 'p(**open)'],
    ['*Prices\n\nnext', 'p(*Prices) p(next)'],
    ['*a **b** c*', 'p(em(a |strong(b)| c))'],
    ['*a**b* *a**b**c*', 'p(em(a**b)| |em(a|strong(b)|c))'],
    ['*a _b* c_', 'p(em(a _b)| c_)'],
    ['**a *b**', 'p(*|em(a |em(b)))'],
    ['~5 to ~6 ~~~x~~~ y', 'p(~5 to ~6 ~~~x~~~ y)'],
    ['**「大切」**です', 'p(strong(「大切」)|です)'],
    ['\\*a\\* \\\\ \\a', 'p(*a|* |\\ \\a)'],
  ],
  code: [
    ['`a` ``b`c`` ` d ` `*e*`', 'p(code(a)| |code(b`c)| |code(d)| |code(*e*))'],
    ['`open **b**', 'p(`open |strong(b))'],
    ['```js\na = 1;\n\n  b\n```\nafter', 'pre(code(a = 1;⏎|⏎|  b⏎)) p(after)'],
    ['~~~\n```\n~~~', 'pre(code(```⏎))'],
    ['````\n```\n`````', 'pre(code(```⏎))'],
    ['```\nopen *x*', 'pre(code(open *x*))'],
    ['- ```\n    a\n  ```\n- b', 'ul(li(pre(code(  a⏎)))|li(p(b)))'],
    ['```a```', 'p(code(a))'],
  ],
  'indentation makes no code': [['one\n\n    two', 'p(one) p(two)']],
  'lists, neither tight nor loose': [
    ['- a\n- b\n\n- c', 'ul(li(p(a))|li(p(b))|li(p(c)))'],
    ['* a\n+ b', 'ul(li(p(a))) ul(li(p(b)))'],
    ['3. c\n4. d', 'ol[start=3](li(p(c))|li(p(d)))'],
    ['1) a\n2) b\n1. c', 'ol(li(p(a))|li(p(b))) ol(li(p(c)))'],
    ['- a\n  - b\n    - c\n- d', 'ul(li(p(a)|ul(li(p(b)|ul(li(p(c))))))|li(p(d)))'],
    ['1. a\n\n   b\n\tc', 'ol(li(p(a)|p(b⏎|c)))'],
    ['- a\nlazy\n\nout', 'ul(li(p(a⏎lazy))) p(out)'],
    ['So:\n1. a\n\nYear\n1984. x', 'p(So:) ol(li(p(a))) p(Year⏎1984. x)'],
    ['-\n- a\n-', 'ul(li()|li(p(a))|li())'],
    ['-\n  a\n-\n\n  b', 'ul(li(p(a))|li()) p(b)'],
    ['- # a\n- > b', 'ul(li(h3(a))|li(blockquote(p(b))))'],
  ],
  quotes: [
    ['> a\n> b\nlazy\n\nout', 'blockquote(p(a⏎|b⏎lazy)) p(out)'],
    ['> a\n\n> b', 'blockquote(p(a)) blockquote(p(b))'],
    ['> > a\n> b\n>\n> c', 'blockquote(blockquote(p(a⏎|b))|p(c))'],
    ['> - a\n>   b', 'blockquote(ul(li(p(a⏎|b))))'],
  ],
  tables: [
    [
      '| a | b |\n|:--|--:|\n| 1 | **2** |\n| 3',
      'table(tr(th[align=left](a)|th[align=right](b))|tr(td[align=left](1)|td[align=right](strong(2)))' +
        '|tr(td[align=left](3)))',
    ],
    [
      'a | b\n:-: | -\n1 | 2 | 3\n\nout',
      'table(tr(th[align=center](a)|th(b))|tr(td[align=center](1)|td(2))) p(out)',
    ],
    ['text\n| a |\n|---|', 'p(text) table(tr(th(a)))'],
    ['| a | b |\n|---|', 'p(| a | b |⏎|---|)'],
    ['| a\\|b |\n|---|\n| c |', 'table(tr(th(a||b))|tr(td(c)))'],
    ['| no table |', 'p(| no table |)'],
    ['- | a |\n  |---|\n  | 1 |', 'ul(li(table(tr(th(a))|tr(td(1)))))'],
  ],
  links: [
    ['[a](https://e.org/b)', 'p(a[href=https://e.org/b][data-host=e.org](a))'],
    ['[a *b*](<https://e.org/c> "title")', 'p(a[href=https://e.org/c][data-host=e.org](a |em(b)))'],
    ['[a](https://e.org/b_(c)) d', 'p(a[href=https://e.org/b_(c)][data-host=e.org](a)| d)'],
    ['[https://e.org](https://e.org/)', 'p(a[href=https://e.org/](https://e.org))'],
    ['[https://bank.org](https://e.org)', 'p(a[href=https://e.org/][data-host=e.org](https://bank.org))'],
    [
      '[a](mailto:b@e.org) [c](tel:+4930)',
      'p(a[href=mailto:b@e.org][data-host=b@e.org](a)| |a[href=tel:+4930][data-host=+4930](c))',
    ],
    ['a [1] b [c]', 'p(a [1] b [c])'],
    [
      '[a [b](https://e.org) c](https://f.org)',
      'p([a |a[href=https://e.org/][data-host=e.org](b)| c](|a[href=https://f.org/](https://f.org)|))',
    ],
    ['*a [b* c](https://e.org)', 'p(*a |a[href=https://e.org/][data-host=e.org](b* c))'],
    [
      'See https://e.org/a_b. (https://e.org) <https://e.org/c>',
      'p(See |a[href=https://e.org/a_b](https://e.org/a_b)|. (|a[href=https://e.org/](https://e.org)' +
        '|) |a[href=https://e.org/c](https://e.org/c))',
    ],
    [
      '**https://e.org** mailto:a@e.org tel:+49-30',
      'p(strong(a[href=https://e.org/](https://e.org))| |a[href=mailto:a@e.org](mailto:a@e.org)| ' +
        '|a[href=tel:+49-30](tel:+49-30))',
    ],
    ['https://bank.org@e.org', 'p(a[href=https://bank.org@e.org/][data-host=e.org](https://bank.org@e.org))'],
  ],
  'an address that may not be followed leaves the text': [
    ['[a](javascript:alert(1)) [b](/c) [d](data:text/html,x)', 'p(span(a)| |span(b)| |span(d))'],
    ['[a](java&#115;cript:x) [b](vbscript\\:x)', 'p(span(a)| |span(b))'],
    ['[a](JaVaScRiPt:x) <javascript:x> file:///etc', 'p(span(a)| <javascript:x> file:///etc)'],
  ],
  'a picture is a link to it': [
    ['![a](https://e.org/b.png)', 'p(a[href=https://e.org/b.png][data-host=e.org](a))'],
    ['[![a](https://e.org/b.png)](https://f.org)', 'p(a[href=https://f.org/][data-host=f.org](a))'],
    ['![a](data:image/png;base64,x) hey![b]', 'p(span(a)| hey![b])'],
  ],
  'HTML and definitions are text': [
    ['<b>a</b>\n<script>alert(1)</script>', 'p(<b>a</b>⏎<script>alert(1)</script>)'],
    ['[a]: https://e.org', 'p([a]: |a[href=https://e.org/](https://e.org))'],
  ],
  'what stands for another character': [
    ['a &amp; b &#65;&#x1F600; &nbsp;', 'p(a |&~5| b |A~5|😀~9| |\u00a0~6)'],
    ['&bogus; &amp &#0; &#xD800;', 'p(&bogus; &amp |\ufffd~4| |\ufffd~8)'],
    ['`&amp;`', 'p(code(&amp;))'],
  ],
};

/** Everything at once, for what is to hold of any answer. */
export const EVERYTHING = `# Opening hours

We are open **every day but _Monday_**, from 9:30 to 18:00 – *Grüße* & 😀!  
Call \`+49 30 1234\` or ~~fax~~ [write to us](mailto:shop@example.org), see https://example.org/hours.

1. First, \`npm install\`
2. Then:
   - one &amp; two
   - \\*not bold\\*

   \`\`\`js
   const a = \`x\`;

   run(a);
   \`\`\`
3. Done

> A quote
> of **two lines**
>
> - with a list

| Day | Open | Note |
|:----|:----:|-----:|
| Tue | 9–18 | \`a\\|b\` |
| Sun | 11–17 | [map](https://maps.example.org/?q=a_b) |

---

![A picture](https://example.org/a.png) and <https://example.org>
*Prices include tax
`;
