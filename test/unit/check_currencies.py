#!/usr/bin/env python3
"""Compare src/currency.c with independent sources of ISO 4217.

    test/unit/check_currencies.py [src/currency.c]

Numbers come from Debian's iso-codes (/usr/share/iso-codes/json/iso_4217.json),
decimals from the JDK's java.util.Currency when a JDK is on the machine, both
maintained by others than us.  Every difference must be one of the facts listed
here with its reason; a listed one that no longer occurs is reported, but does
not fail, because newer releases of the sources catch up with ISO.

Prints TAP; a source that is missing is skipped with a message.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ISO_CODES = '/usr/share/iso-codes/json/iso_4217.json'

# In iso-codes and not in our table.
NOT_MONEY = 'no minor unit (N.A.) in ISO 4217: cannot be held in escrow'
REFUSED = {
    'ANG': 'replaced by XCG on 2025-03-31 (amendment 176); XCG took its number 532',
    'BGN': 'Bulgaria adopted the euro on 2026-01-01 (amendment 180)',
    'CUC': 'withdrawn: Cuba unified its currencies in 2021',
    'HRK': 'Croatia adopted the euro on 2023-01-01 (amendment 174)',
    'SLL': 'replaced by SLE, withdrawn at the end of 2023 (amendment 175)',
    'ZWL': 'replaced by ZWG in 2024 (amendment 177)',
    'XAG': NOT_MONEY, 'XAU': NOT_MONEY, 'XPD': NOT_MONEY, 'XPT': NOT_MONEY,
    'XBA': NOT_MONEY, 'XBB': NOT_MONEY, 'XBC': NOT_MONEY, 'XBD': NOT_MONEY,
    'XDR': NOT_MONEY, 'XSU': NOT_MONEY, 'XUA': NOT_MONEY,
    'XTS': 'reserved for testing',
    'XXX': 'stands for no currency',
}

# In our table and not in the iso-codes of Debian 12 (4.15.0).
ADDED_SINCE = {
    'XAD': (396, 'Arab Accounting Dinar, since 2025-05-12 (amendment 179)'),
    'XCG': (532, 'Caribbean Guilder, since 2025-03-31 (amendment 176)'),
    'ZWG': (924, 'Zimbabwe Gold, since 2024-06-25 (amendment 177)'),
}

# Not in the JDK: (decimals, reason).
NOT_IN_JDK = {
    'UYW': (4, 'Unidad Previsional, since 2018 (amendment 168); JDK 25 does not have it'),
    'XAD': (2, 'amendment 179; JDKs before 2025 do not have it'),
    'XCG': (2, 'amendment 176; JDKs before 2025 do not have it'),
    'ZWG': (2, 'amendment 177; JDKs before 2024 do not have it'),
    'SLE': (2, 'amendment 171; JDKs before 2022 do not have it'),
    'VED': (2, 'amendment 170; JDKs before 2022 do not have it'),
}

JAVA = '''
public class Currencies {
    public static void main(String[] args) {
        for (java.util.Currency c : java.util.Currency.getAvailableCurrencies())
            System.out.println(c.getCurrencyCode() + " " + c.getNumericCode()
                + " " + c.getDefaultFractionDigits());
    }
}
'''

tests = failures = 0


def ok(passed, what):
    global tests, failures
    tests += 1
    failures += not passed
    print(f'{"" if passed else "not "}ok {tests} - {what}')


def skip(what, why):
    global tests
    tests += 1
    print(f'ok {tests} - {what} # SKIP {why}')


def our_table(path):
    rows = re.findall(r'^\tX\(([A-Z]{3}), (\d+), (\d), (true|false)\)',
                      open(path, encoding='utf-8').read(), re.M)
    return {code: (int(number), int(exponent)) for code, number, exponent, _ in rows}


def check_iso_codes(ours):
    if not os.path.exists(ISO_CODES):
        skip('numeric codes equal iso-codes', f'{ISO_CODES} is missing: apt-get install iso-codes')
        return
    rows = json.load(open(ISO_CODES, encoding='utf-8'))['4217']
    theirs = {row['alpha_3']: int(row['numeric']) for row in rows}
    for code in sorted(set(theirs) - set(ours)):
        ok(code in REFUSED, f'{code} is refused: {REFUSED.get(code, "no reason known")}')
    for code in sorted(set(ours) - set(theirs)):
        number, why = ADDED_SINCE.get(code, (None, 'no reason known'))
        ok(ours[code][0] == number, f'{code} is ours only: {why}')
    for code in sorted(set(ours) & set(theirs)):
        if ours[code][0] != theirs[code]:
            ok(False, f'{code} is {ours[code][0]} here and {theirs[code]} in iso-codes')
    ok(len(set(ours) & set(theirs)) > 150, f'{len(set(ours) & set(theirs))} numeric codes compared with iso-codes')
    for code in sorted((set(REFUSED) - set(theirs)) | (set(ADDED_SINCE) & set(theirs))):
        print(f'# {code}: iso-codes has caught up, its line here can go')


def find_java():
    found = glob.glob('/usr/lib/jvm/*/bin/java') + [shutil.which('java') or '']

    def version(path):
        out = subprocess.run([path, '-version'], capture_output=True, text=True, check=False)
        match = re.search(r'version "(\d+)', out.stderr + out.stdout)
        return int(match.group(1)) if match else 0

    # A single source file runs without a compiler step since JDK 11.
    usable = [(version(path), path) for path in found if path]
    return max((v for v in usable if v[0] >= 11), default=(0, None))[1]


def check_jdk(ours):
    java = find_java()
    output = ''
    if java:
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, 'Currencies.java')
            with open(source, 'w', encoding='utf-8') as file:
                file.write(JAVA)
            run = subprocess.run([java, source], capture_output=True, text=True, check=False)
            output = run.stdout
    if not output:
        skip('decimals equal the JDK', 'no JDK 11 or later (a JRE cannot run a source file)')
        return
    theirs = {}
    for line in output.split('\n'):
        if line:
            code, number, exponent = line.split()
            theirs[code] = (int(number), int(exponent))
    for code in sorted(set(ours) - set(theirs)):
        exponent, why = NOT_IN_JDK.get(code, (None, 'no reason known'))
        ok(ours[code][1] == exponent, f'{code} is not in this JDK: {why}')
    compared = sorted(set(ours) & set(theirs))
    for code in compared:
        if ours[code] != theirs[code]:
            ok(False, f'{code} is {ours[code]} here and {theirs[code]} in the JDK (number, decimals)')
    ok(len(compared) > 150, f'{len(compared)} numeric codes and decimals compared with {java}')
    wrong = [code for code in REFUSED if code in theirs and REFUSED[code] == NOT_MONEY and theirs[code][1] != -1]
    ok(not wrong, f'the JDK knows no decimals for what we call no money {wrong or ""}')


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, 'src', 'currency.c')
    ours = our_table(path)
    ok(len(ours) > 150, f'{len(ours)} currencies read from src/currency.c')
    ok(len({number for number, _ in ours.values()}) == len(ours), 'no number is used twice')
    ok(not set(ours) & set(REFUSED), 'no refused code is in the table')
    check_iso_codes(ours)
    check_jdk(ours)
    print(f'1..{tests}')
    return 1 if failures else 0


sys.exit(main())
