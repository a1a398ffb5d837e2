#include "sandbox/words.h"

#define WORDS(list)                     \
	{                               \
		(list), ARRAY_LEN(list) \
	}

static const char *const first[] = {"Aroha", "Bella", "Callum", "Daisy", "Elliot", "Fern",
	"Gareth", "Hana", "Isla", "Jasper", "Kiri", "Liam", "Mere", "Nikau", "Olive", "Poppy",
	"Quinn", "Rewi", "Sienna", "Tane", "Una", "Violet", "Wiremu", "Xavier", "Yvette",
	"Zara", "Alby", "Bronte", "Clancy", "Dot", "Eden", "Frankie", "Gus", "Hazel", "Indigo",
	"Jarrah", "Kora", "Lachlan", "Matilda", "Noah", "Oscar", "Pania", "Ruby", "Stella",
	"Tui", "Vera", "Willow", "Marama", "Arlo", "Beatrix", "Cedric", "Dulcie", "Edith",
	"Felix", "Greta", "Harriet", "Ivo", "Juniper", "Kit", "Lottie"};

/* Surnames put together for this list. */
static const char *const last[] = {"Ashgrove", "Bellbird", "Brackenridge", "Coppersmythe",
	"Driftwood", "Everfern", "Fennimore", "Gullwing", "Harbourne", "Inletson", "Jandalson",
	"Kauriwood", "Longshore", "Marshwiggin", "Northcove", "Oakhollow", "Pennyfeather",
	"Quillfeather", "Ridgeback", "Saltmarsh", "Tidewell", "Underhill-Bay", "Vinegrower",
	"Westerling", "Yarrowby", "Zephyrson", "Applecross", "Bayliss-Reef", "Cloudsley",
	"Dunewalker", "Elderbrook", "Fantailer", "Greywacke", "Hollybank", "Ironsand",
	"Jacaranda", "Kelpforth", "Lanternby", "Moonmarsh", "Nettlefold", "Otterburnie",
	"Pebblesworth", "Quarterdeck", "Rimuford", "Silverbeet", "Thistlewood", "Upperwharf",
	"Wattleseed", "Wharfinger", "Yabbiecreek", "Merriweath", "Plumtree", "Sandpiper",
	"Tussocky", "Windrush", "Birdwhistle", "Crumpetty", "Foxglovely", "Gumbootsen",
	"Lilypond"};

static const char *const fancy[] = {"Paper Lantern", "Brass Kiwi", "Velvet Possum",
	"Wandering Tui", "Copper Kettle", "Lost Gumboot", "Tall Fern", "Second Breakfast",
	"Nine Lives", "Blue Gumtree", "Quiet Harbour", "Seventh Wave", "Rusty Anchor",
	"Golden Jandal", "Hidden Inlet", "Sleepy Wombat", "Lucky Paua", "Northern Kelp",
	"Salty Dog", "Windy Ridge", "Two Magpies", "Green Shed", "Long Paddock",
	"Red Lighthouse", "Little Penguin", "Curious Quokka", "Southern Drizzle", "Morning Fog",
	"Black Pearl River", "Crooked Pier", "Honest Donkey", "Silver Whitebait",
	"Patient Heron", "Loose Thread", "Old Tramline", "Upside Down", "Early Bird",
	"Late Bloomer", "Sunburnt Lizard", "Misty Plateau"};

static const char *const trade[] = {"Joinery", "Plumbing", "Orchards", "Dairy", "Roofing",
	"Electrical", "Bakery", "Physiotherapy", "Dental", "Freight", "Marine", "Motors",
	"Design", "Architects", "Vineyards", "Landscapes", "Childcare", "Consulting",
	"Fabrication", "Shearing", "Honey", "Veterinary Clinic", "Property", "Holdings",
	"Engineering", "Florists", "Catering", "Surveyors", "Software", "Brewing", "Timber",
	"Earthmoving", "Pharmacy", "Fisheries", "Nurseries", "Upholstery"};

static const char *const street[] = {"Tui", "Kowhai", "Wattle", "Harbour", "Station", "Mill",
	"Victoria", "Beach", "Church", "Ferry", "Orchard", "Ridge", "Bank", "Pohutukawa",
	"Lighthouse", "Quarry", "Market", "Bridge", "Paddock", "Fern"};

static const char *const street_kind[] = {
	"Street", "Road", "Lane", "Avenue", "Terrace", "Parade", "Crescent"};

static const char *const position[] = {"", "", "Director", "Owner", "Office manager", "Trustee",
	"Partner", "Bookkeeper", "Shareholder", "Accounts"};

static const char *const manager[] = {"Robin Harbour", "Sam Vale", "Toni Longshore", ""};

/* Numbers that Australia's regulator reserves for books and films. */
static const char *const mobile[] = {"0491 570 006", "0491 570 156", "0491 570 157",
	"0491 570 158", "0491 570 159", "0491 570 110", "0491 570 313", "0491 570 737",
	"0491 571 266", "0491 571 491", "0491 571 804", "0491 572 549", "0491 572 665",
	"0491 572 983", "0491 573 770", "0491 573 087", "0491 574 118", "0491 574 632",
	"0491 575 254", "0491 575 789", "0491 576 398", "0491 576 801", "0491 577 426",
	"0491 577 644", "0491 578 957", "0491 578 148", "0491 578 888", "0491 579 212"};

const struct words words_first = WORDS(first), words_last = WORDS(last),
		   words_fancy = WORDS(fancy), words_trade = WORDS(trade),
		   words_street = WORDS(street), words_street_kind = WORDS(street_kind),
		   words_position = WORDS(position), words_manager = WORDS(manager),
		   words_mobile = WORDS(mobile);

const struct town towns[] = {
	{"Auckland", "Auckland", "1010", "New Zealand", "+64 9 555 01"},
	{"Hamilton", "Waikato", "3204", "New Zealand", "+64 7 555 01"},
	{"Tauranga", "Bay of Plenty", "3110", "New Zealand", "+64 7 555 01"},
	{"Napier", "Hawke's Bay", "4110", "New Zealand", "+64 6 555 01"},
	{"Wellington", "Wellington", "6011", "New Zealand", "+64 4 555 01"},
	{"Nelson", "Nelson", "7010", "New Zealand", "+64 3 555 01"},
	{"Christchurch", "Canterbury", "8011", "New Zealand", "+64 3 555 01"},
	{"Dunedin", "Otago", "9016", "New Zealand", "+64 3 555 01"},
	{"Sydney", "NSW", "2000", "Australia", "(02) 5550 01"},
	{"Newcastle", "NSW", "2300", "Australia", "(02) 5550 02"},
	{"Melbourne", "VIC", "3000", "Australia", "(03) 5550 01"},
	{"Geelong", "VIC", "3220", "Australia", "(03) 5550 02"},
	{"Brisbane", "QLD", "4000", "Australia", "(07) 5550 01"},
	{"Hobart", "TAS", "7000", "Australia", "(03) 5550 03"},
	{"Adelaide", "SA", "5000", "Australia", "(08) 5550 01"},
	{"Perth", "WA", "6000", "Australia", "(08) 5550 02"},
};
const size_t towns_n = ARRAY_LEN(towns);
