/** Ends of ids and keys: escapes, patterns, separators, normal forms, halves of characters, names that objects have. */
export const awkward: readonly string[] = [
  ...['', ' ', '\t', '\n', '\r\n', '\0', '\0a', 'a\0', '\x80', '\u00a0', '\u2003', '\ufeff', '\u202e'],
  ...[...':-_./\\|,;#*?%+&=@~!^()[]<>{}$"`\'', '::', ':a', '\\\\', "''", '[a]', '$1', '$$', '%25', '%20', '{}', '{a}'],
  ...['0', '00', '1', 'null', 'undefined', '__proto__', 'constructor', 'hasOwnProperty'],
  ...['e', 'E', 'é', 'e\u0301', 'ss', 'ß', 'i', 'ı', 'İ', 'Ā', '\u0000\u0001', '¬', '€', '١', '１'],
  ...['😀', '\ud83d', '\ude00', '\ud800', '\ufffd', 'x'.repeat(300), `${'x'.repeat(300)}y`],
]
