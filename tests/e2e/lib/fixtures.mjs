// The sample of contacts, as a test expects to find it again.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../fixtures/', import.meta.url);

export const SAMPLE = fileURLToPath(new URL('contacts-sample.csv', FOLDER));
export const MANIFEST = JSON.parse(readFileSync(new URL('contacts-sample.json', FOLDER), 'utf8'));

/** The rows of a CSV text as objects; quoted fields may hold commas, quotes and line breaks. */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let field = '';
  let quoted = false;
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[(at += 1)];
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(field);
      field = '';
    } else if (char === '\n') {
      row.push(field.replace(/\r$/, ''));
      rows.push(row);
      [row, field] = [[], ''];
    } else field += char;
  }
  if (field || row.length) rows.push([...row, field]);
  const [header, ...body] = rows;
  return body.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])));
}

/** People of the sample whose row is good: name and address as they stand in the file. */
export function goodPeople() {
  return parseCsv(readFileSync(SAMPLE, 'utf8')).filter((person) => person.expect === 'ok' && person.first_name);
}
