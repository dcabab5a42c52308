/*
 * currency.c
 *		The currency table and its two look-ups.
 *
 * The list is an X-macro so that one row makes both tables.  It stands in
 * order of code: currency_by_code() searches it by halves.  A code that ISO
 * withdraws stays here for ever with active = false, because amounts on disk
 * carry its number; a number that ISO gives to a new code (ANG became XCG as
 * 532) is only ever added here under its new code.
 *
 * State of ISO 4217 after amendment 180 (BGN withdrawn on 2026-01-01);
 * test/unit/check_currencies.py compares it with independent sources.
 */
#include <string.h>

#include "currency.h"

/* X(code, number, exponent, active) */
#define CURRENCY_LIST(X) \
	X(AED, 784, 2, true) \
	X(AFN, 971, 2, true) \
	X(ALL, 8, 2, true) \
	X(AMD, 51, 2, true) \
	X(AOA, 973, 2, true) \
	X(ARS, 32, 2, true) \
	X(AUD, 36, 2, true) \
	X(AWG, 533, 2, true) \
	X(AZN, 944, 2, true) \
	X(BAM, 977, 2, true) \
	X(BBD, 52, 2, true) \
	X(BDT, 50, 2, true) \
	X(BHD, 48, 3, true) \
	X(BIF, 108, 0, true) \
	X(BMD, 60, 2, true) \
	X(BND, 96, 2, true) \
	X(BOB, 68, 2, true) \
	X(BOV, 984, 2, true) \
	X(BRL, 986, 2, true) \
	X(BSD, 44, 2, true) \
	X(BTN, 64, 2, true) \
	X(BWP, 72, 2, true) \
	X(BYN, 933, 2, true) \
	X(BZD, 84, 2, true) \
	X(CAD, 124, 2, true) \
	X(CDF, 976, 2, true) \
	X(CHE, 947, 2, true) \
	X(CHF, 756, 2, true) \
	X(CHW, 948, 2, true) \
	X(CLF, 990, 4, true) \
	X(CLP, 152, 0, true) \
	X(CNY, 156, 2, true) \
	X(COP, 170, 2, true) \
	X(COU, 970, 2, true) \
	X(CRC, 188, 2, true) \
	X(CUP, 192, 2, true) \
	X(CVE, 132, 2, true) \
	X(CZK, 203, 2, true) \
	X(DJF, 262, 0, true) \
	X(DKK, 208, 2, true) \
	X(DOP, 214, 2, true) \
	X(DZD, 12, 2, true) \
	X(EGP, 818, 2, true) \
	X(ERN, 232, 2, true) \
	X(ETB, 230, 2, true) \
	X(EUR, 978, 2, true) \
	X(FJD, 242, 2, true) \
	X(FKP, 238, 2, true) \
	X(GBP, 826, 2, true) \
	X(GEL, 981, 2, true) \
	X(GHS, 936, 2, true) \
	X(GIP, 292, 2, true) \
	X(GMD, 270, 2, true) \
	X(GNF, 324, 0, true) \
	X(GTQ, 320, 2, true) \
	X(GYD, 328, 2, true) \
	X(HKD, 344, 2, true) \
	X(HNL, 340, 2, true) \
	X(HTG, 332, 2, true) \
	X(HUF, 348, 2, true) \
	X(IDR, 360, 2, true) \
	X(ILS, 376, 2, true) \
	X(INR, 356, 2, true) \
	X(IQD, 368, 3, true) \
	X(IRR, 364, 2, true) \
	X(ISK, 352, 0, true) \
	X(JMD, 388, 2, true) \
	X(JOD, 400, 3, true) \
	X(JPY, 392, 0, true) \
	X(KES, 404, 2, true) \
	X(KGS, 417, 2, true) \
	X(KHR, 116, 2, true) \
	X(KMF, 174, 0, true) \
	X(KPW, 408, 2, true) \
	X(KRW, 410, 0, true) \
	X(KWD, 414, 3, true) \
	X(KYD, 136, 2, true) \
	X(KZT, 398, 2, true) \
	X(LAK, 418, 2, true) \
	X(LBP, 422, 2, true) \
	X(LKR, 144, 2, true) \
	X(LRD, 430, 2, true) \
	X(LSL, 426, 2, true) \
	X(LYD, 434, 3, true) \
	X(MAD, 504, 2, true) \
	X(MDL, 498, 2, true) \
	X(MGA, 969, 2, true) \
	X(MKD, 807, 2, true) \
	X(MMK, 104, 2, true) \
	X(MNT, 496, 2, true) \
	X(MOP, 446, 2, true) \
	X(MRU, 929, 2, true) \
	X(MUR, 480, 2, true) \
	X(MVR, 462, 2, true) \
	X(MWK, 454, 2, true) \
	X(MXN, 484, 2, true) \
	X(MXV, 979, 2, true) \
	X(MYR, 458, 2, true) \
	X(MZN, 943, 2, true) \
	X(NAD, 516, 2, true) \
	X(NGN, 566, 2, true) \
	X(NIO, 558, 2, true) \
	X(NOK, 578, 2, true) \
	X(NPR, 524, 2, true) \
	X(NZD, 554, 2, true) \
	X(OMR, 512, 3, true) \
	X(PAB, 590, 2, true) \
	X(PEN, 604, 2, true) \
	X(PGK, 598, 2, true) \
	X(PHP, 608, 2, true) \
	X(PKR, 586, 2, true) \
	X(PLN, 985, 2, true) \
	X(PYG, 600, 0, true) \
	X(QAR, 634, 2, true) \
	X(RON, 946, 2, true) \
	X(RSD, 941, 2, true) \
	X(RUB, 643, 2, true) \
	X(RWF, 646, 0, true) \
	X(SAR, 682, 2, true) \
	X(SBD, 90, 2, true) \
	X(SCR, 690, 2, true) \
	X(SDG, 938, 2, true) \
	X(SEK, 752, 2, true) \
	X(SGD, 702, 2, true) \
	X(SHP, 654, 2, true) \
	X(SLE, 925, 2, true) \
	X(SOS, 706, 2, true) \
	X(SRD, 968, 2, true) \
	X(SSP, 728, 2, true) \
	X(STN, 930, 2, true) \
	X(SVC, 222, 2, true) \
	X(SYP, 760, 2, true) \
	X(SZL, 748, 2, true) \
	X(THB, 764, 2, true) \
	X(TJS, 972, 2, true) \
	X(TMT, 934, 2, true) \
	X(TND, 788, 3, true) \
	X(TOP, 776, 2, true) \
	X(TRY, 949, 2, true) \
	X(TTD, 780, 2, true) \
	X(TWD, 901, 2, true) \
	X(TZS, 834, 2, true) \
	X(UAH, 980, 2, true) \
	X(UGX, 800, 0, true) \
	X(USD, 840, 2, true) \
	X(USN, 997, 2, true) \
	X(UYI, 940, 0, true) \
	X(UYU, 858, 2, true) \
	X(UYW, 927, 4, true) \
	X(UZS, 860, 2, true) \
	X(VED, 926, 2, true) \
	X(VES, 928, 2, true) \
	X(VND, 704, 0, true) \
	X(VUV, 548, 0, true) \
	X(WST, 882, 2, true) \
	X(XAD, 396, 2, true) \
	X(XAF, 950, 0, true) \
	X(XCD, 951, 2, true) \
	X(XCG, 532, 2, true) \
	X(XOF, 952, 0, true) \
	X(XPF, 953, 0, true) \
	X(YER, 886, 2, true) \
	X(ZAR, 710, 2, true) \
	X(ZMW, 967, 2, true) \
	X(ZWG, 924, 2, true)

/* Positions in currencies[], so that currency_index[] can name them. */
#define CURRENCY_POSITION(code, number, exponent, active) POSITION_##code,
enum CurrencyPosition
{
	CURRENCY_LIST(CURRENCY_POSITION)
	CURRENCY_COUNT
};

#define CURRENCY_ROW(code, number, exponent, active) \
	{#code, number, exponent, active},
static const CurrencyInfo currencies[CURRENCY_COUNT] = {
	CURRENCY_LIST(CURRENCY_ROW)
};

/* Numeric code to position + 1; 0 for a number that is no currency. */
#define CURRENCY_INDEX(code, number, exponent, active) \
	[number] = POSITION_##code + 1,
static const uint8_t currency_index[CURRENCY_MAX_NUMBER + 1] = {
	CURRENCY_LIST(CURRENCY_INDEX)
};

const CurrencyInfo *
currency_by_code(const char *code, size_t len)
{
	int			low = 0;
	int			high = CURRENCY_COUNT - 1;

	if (len != 3)
		return NULL;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			cmp = memcmp(code, currencies[middle].code, 3);

		if (cmp == 0)
			return &currencies[middle];
		if (cmp < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

const CurrencyInfo *
currency_by_number(int number)
{
	if (number < 0 || number > CURRENCY_MAX_NUMBER || currency_index[number] == 0)
		return NULL;
	return &currencies[currency_index[number] - 1];
}

const CurrencyInfo *
currency_by_index(int index)
{
	if (index < 0 || index >= CURRENCY_COUNT)
		return NULL;
	return &currencies[index];
}
