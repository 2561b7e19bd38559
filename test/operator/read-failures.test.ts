import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { splitDocuments } from "../../operator/redrive/json-documents.ts";
import {
  failureId,
  readErrorLine,
  recordIdOf,
  readFailedEnd,
  readUndelivered,
  withNewTime,
} from "../../operator/redrive/read-failures.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("documents that follow each other", () => {
  test("are split, whatever braces and quotes their strings have", () => {
    expect(splitDocuments('{"a":"}{\\"{"}{"b":{"c":[{}]}}\n {"d":1}')).toEqual({
      documents: ['{"a":"}{\\"{"}', '{"b":{"c":[{}]}}', '{"d":1}'],
      unreadable: 0,
    });
  });

  test.each([
    ['no json{"a":1}', ['{"a":1}'], 1],
    ['{"a":1}{"broken":{"b":2}{"c":3}', ['{"a":1}', '{"c":3}'], 1],
    ['{"a":1}{not json}{"b":2}', ['{"a":1}', '{"b":2}'], 1],
    ['{"cut off', [], 1],
    ["", [], 0],
  ])("are found among other text: %j", (text, documents, unreadable) => {
    expect(splitDocuments(text)).toEqual({ documents, unreadable });
  });

  test("are all found, in order", () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()));
    fc.assert(
      fc.property(objects, fc.constantFrom("", "\n", " "), (values, between) => {
        const texts = values.map((value) => JSON.stringify(value));
        expect(splitDocuments(texts.join(between))).toEqual({ documents: texts, unreadable: 0 });
      }),
    );
  });

  test("are searched to the end of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("{", "}", '"', "\\", "a", " ") }), (text) => {
        for (const document of splitDocuments(text).documents) expect(text).toContain(document);
      }),
    );
  });
});

describe("an undelivered message", () => {
  test("is the notification in SNS's envelope, else the message itself, byte for byte", () => {
    expect(
      readUndelivered('{"Type":"Notification","MessageId":"m","Message":"{\\"eventId\\":\\"e\\"}"}'),
    ).toBe('{"eventId":"e"}');
    expect(readUndelivered('{ "eventId": "e" }')).toBe('{ "eventId": "e" }');
    expect(readUndelivered("no json")).toBe("no json");
  });
});

describe("a failed completion notification", () => {
  test("is the event of a failed invocation", () => {
    const record = { requestContext: { condition: "RetriesExhausted" }, requestPayload: { Records: [] } };
    expect(readFailedEnd(JSON.stringify(record))).toEqual({ ok: true, value: '{"Records":[]}' });
  });

  test("is SNS's envelope as Lambda receives it", () => {
    const envelope = {
      Type: "Notification",
      MessageId: "m",
      Message: "text",
      SigningCertURL: "c",
      UnsubscribeURL: "u",
    };
    const read = readFailedEnd(JSON.stringify(envelope));
    expect(read.ok && (JSON.parse(read.value) as unknown)).toEqual({
      Records: [
        {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          Sns: {
            Type: "Notification",
            MessageId: "m",
            Message: "text",
            SigningCertUrl: "c",
            UnsubscribeUrl: "u",
          },
        },
      ],
    });
  });

  test.each(["no json", "[]", '{"cameraId":"x"}'])("is nothing else: %s", (body) => {
    expect(readFailedEnd(body).ok).toBe(false);
  });
});

describe("a line of an error file", () => {
  test("is parsed in the spellings of both kinds", () => {
    const processing = `{"attemptsMade":4,"arrivalTimestamp":1763726403000,"errorCode":"Lambda.FunctionError","errorMessage":"why","rawData":"${base64("as it came")}"}`;
    expect(readErrorLine(processing)).toEqual({
      ok: true,
      value: {
        line: processing,
        data: Buffer.from("as it came"),
        code: "Lambda.FunctionError",
        message: "why",
        arrivedAtMs: 1_763_726_403_000,
        recordIds: [],
      },
    });
    const conversion = `{"arrivalTimestamp":"1763726403000","lastErrorCode":"DataFormatConversion.MalformedData","rawData":"${base64('{"event_id":"a"}{"event_id":"a"}{"event_id":"b"}')}"}`;
    expect(readErrorLine(conversion)).toMatchObject({
      value: { code: "DataFormatConversion.MalformedData", recordIds: ["a", "b"] },
    });
  });

  test("has the ids of the decisions whose rows it holds", () => {
    const rows =
      '{"event_id":"a","label_id":"1","decision":"raised"}{"event_id":"a","label_id":"2","decision":"merged"}';
    expect(readErrorLine(`{"arrivalTimestamp":1,"rawData":"${base64(rows)}"}`)).toMatchObject({
      value: { recordIds: ["a/1", "a/2"] },
    });
    const detection = '{"event_id":"a","label_id":"1","label":"PERSON"}';
    expect(readErrorLine(`{"arrivalTimestamp":1,"rawData":"${base64(detection)}"}`)).toMatchObject({
      value: { recordIds: ["a"] },
    });
  });

  test.each([
    ["no json", "the line is not a JSON object; expected a record that Firehose could not handle"],
    ['{"arrivalTimestamp":1}', "rawData is missing; expected the record in base64"],
    ['{"rawData":"YQ=="}', "arrivalTimestamp is undefined; expected epoch milliseconds"],
  ])("that lacks a field is refused: %s", (line, reason) => {
    expect(readErrorLine(line)).toEqual({ ok: false, reason });
  });

  const failure = (code: string, raw: string) => {
    const read = readErrorLine(`{"arrivalTimestamp":1,"errorCode":"${code}","rawData":"${base64(raw)}"}`);
    if (!read.ok) throw new Error(read.reason);
    return failureId(read.value);
  };

  test("counts as failed again with the same code and bytes, or the same events at another time", () => {
    expect(failure("A", "x")).toBe(failure("A", "x"));
    expect(failure("A", "x")).not.toBe(failure("B", "x"));
    expect(failure("A", "x")).not.toBe(failure("A", "y"));
    expect(failure("A", '{"event_id":"e","received_at_ms":1}')).toBe(
      failure("A", '{"event_id":"e","received_at_ms":2}'),
    );
  });
});

test("a notification is found by its event id, and a decision by its label's too", () => {
  const texts = [
    '{"eventId":"e"}',
    '{"type":"ALERT_DECISION","eventId":"e","labelId":"l"}',
    '{"eventId":1}',
    "x",
  ];
  expect(texts.map(recordIdOf)).toEqual(["e", "e/l", undefined, undefined]);
});

test("a message to a target of an alert gets a new time, and any other text stays", () => {
  expect(JSON.parse(withNewTime('{"targetId":"phone","atMs":1}', 2.4))).toEqual({
    targetId: "phone",
    atMs: 2,
  });
  expect(withNewTime("no JSON", 2)).toBe("no JSON");
});
